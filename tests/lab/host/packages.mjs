// What the lab needs from Debian: QEMU, busybox, udev and a kernel with USB (the cloud flavour has none).
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A program of each package, by which its presence is told, and the package. */
const PROGRAMS = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['depmod', 'kmod'],
  ['udevadm', 'udev'],
];
/** Libraries of node-hid and of udevd that nothing else in this list pulls in. */
const LIBRARIES = [['libusb-1.0.so.0', 'libusb-1.0-0']];
const KERNEL = 'linux-image-amd64';
const LIST_LIMIT_MS = 120_000;

/** Parts of the kernel package that the lab can use; unpacking all of it takes twice as long. */
const KERNEL_PARTS = [
  './boot/vmlinuz-*',
  './lib/modules/*/modules.*',
  './lib/modules/*/kernel/drivers/hid/*',
  './lib/modules/*/kernel/drivers/usb/*',
  './lib/modules/*/kernel/fs/configfs/*',
];

const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

function has(program) {
  return PATH.split(':').some((folder) => existsSync(join(folder, program)));
}

/** A busybox that needs no libraries: the guest begins with nothing else. */
function hasStaticBusybox() {
  if (!existsSync('/bin/busybox')) return false;
  return spawnSync('ldd', ['/bin/busybox'], { encoding: 'utf8' }).status !== 0;
}

function missingPackages() {
  const libraries =
    spawnSync('ldconfig', ['-p'], { encoding: 'utf8', env: { ...process.env, PATH } }).stdout ?? '';
  return [
    ...PROGRAMS.filter(([program]) => !has(program)),
    ...(hasStaticBusybox() ? [] : [['', 'busybox-static']]),
    ...LIBRARIES.filter(([file]) => !libraries.includes(file)),
  ].map(([, name]) => name);
}

/**
 * Installs what is missing, as root; for others it names the command.
 * @throws Error with the command to type
 */
export function ensurePackages() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid() !== 0) throw new Error(`Missing packages. As root: apt-get ${install.join(' ')}`);
  console.log(`Installing ${missing.join(', ')}…`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=120'];
  const tryInstall = () => spawnSync('apt-get', [...options, ...install], { env, encoding: 'utf8' });
  let run = tryInstall();
  if (run.status !== 0) {
    spawnSync('apt-get', [...options, 'update'], { env, timeout: LIST_LIMIT_MS });
    run = tryInstall();
  }
  if (run.status !== 0) throw new Error(`apt-get failed:\n${run.stdout}${run.stderr}`);
}

/**
 * Debian's current kernel, fetched once and kept.
 * @param {string} cache
 * @returns {{ folder: string, version: string }} where it is unpacked, and its version as modules have it
 */
export function ensureKernel(cache) {
  mkdirSync(cache, { recursive: true });
  const known = newest(cache);
  if (known) return known;
  const name = kernelPackage();
  console.log(`Fetching ${name}…`);
  const folder = join(cache, name);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  // As root apt-get warns that its own user cannot write here; it downloads all the same.
  execFileSync('apt-get', ['-q', 'download', name], { cwd: partial, stdio: ['ignore', 'ignore', 'pipe'] });
  const archive = readdirSync(partial).find((file) => file.endsWith('.deb'));
  const wanted = KERNEL_PARTS.map((part) => `'${part}'`).join(' ');
  execFileSync('sh', ['-c', `dpkg --fsys-tarfile '${archive}' | tar -x --wildcards ${wanted}`], {
    cwd: partial,
  });
  rmSync(join(partial, archive));
  const version = versionIn(partial);
  execFileSync('depmod', ['-b', partial, version], { env: { ...process.env, PATH }, stdio: 'ignore' });
  renameSync(partial, folder);
  return { folder, version };
}

function newest(cache) {
  const name = readdirSync(cache)
    .filter((entry) => entry.startsWith('linux-image-') && !entry.endsWith('.partial'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
  return name ? { folder: join(cache, name), version: versionIn(join(cache, name)) } : null;
}

function versionIn(folder) {
  return readdirSync(join(folder, 'lib/modules'))[0];
}

/** The package behind the name that always means "the newest". */
function kernelPackage() {
  const ask = () => spawnSync('apt-cache', ['depends', KERNEL], { encoding: 'utf8' }).stdout;
  const nameIn = (text) => /Depends: (linux-image-\S+)/.exec(text)?.[1];
  const name = nameIn(ask());
  if (name) return name;
  spawnSync('apt-get', ['-q', 'update'], { timeout: LIST_LIMIT_MS });
  const found = nameIn(ask());
  if (!found) throw new Error(`apt knows no ${KERNEL}: is this Debian on x86-64?`);
  return found;
}

/** The files of these modules and of all they need, in the order to load them. */
export function modulesOf({ folder, version }, names) {
  const files = names.flatMap((name) => {
    const args = ['-d', folder, '-S', version, '--show-depends', name];
    const text = execFileSync('modprobe', args, { encoding: 'utf8', env: { ...process.env, PATH } });
    return [...text.matchAll(/^insmod (\S+)/gm)].map(([, file]) => file);
  });
  return [...new Set(files)];
}
