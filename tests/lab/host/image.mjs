// Puts together what the guest boots: kernel modules, busybox, udev, Node, the built program and its native packages.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createArchive } from './cpio.mjs';
import { modulesOf } from './packages.mjs';

/**
 * `num=2` of dummy_hcd gives two virtual USB ports. usb_f_fs is FunctionFS: a USB device whose endpoints are files.
 */
const MODULES = [
  ...['hid', 'hid-generic', 'uhid', 'usbhid', 'cdc-acm'],
  ...['dummy_hcd', 'libcomposite', 'usb_f_hid', 'usb_f_fs', 'usb_f_acm'],
];
/** Packages with native parts that the device host loads. */
const NATIVE = ['node-hid', 'usb', 'serialport'];
/** Files of other machines, sources and types are left behind. */
const NOT_TAKEN = /\.(ts|map|md|gyp|h|c|cc|cpp|mts|cts)$|(^|\/)(hidapi|docs)(\/|$)/;
const OTHER_PLATFORM =
  /(^|[-_/])(android|darwin|win32|freebsd|linux-(arm|arm64|ia32|riscv64|ppc64|s390x)|linux-x64-musl|musl)([-_.+/]|$)/;

/**
 * @param {{ root: string, kernel: { folder: string, version: string }, guest: string, to: string }} parts
 *   `guest` the bundles of the lab itself, `to` the file to write
 */
export function buildImage({ root, kernel, guest, to }) {
  const archive = createArchive();
  for (const folder of ['/proc', '/sys', '/dev', '/tmp', '/run', '/home/clerk', '/etc', '/root'])
    archive.folder(folder);

  archive.copy('/bin/busybox', '/bin/busybox', 0o755);
  archive.link('/bin/sh', 'busybox');
  archive.copy('/init', join(root, 'tests/lab/guest/init'), 0o755);
  const modules = modulesOf(kernel, MODULES);
  for (const file of modules) archive.copy(`/modules/${basename(file)}`, file);
  archive.text('/modules/order', modules.map((file) => basename(file)).join('\n') + '\n');

  archive.text('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nclerk:x:1000:1000::/home/clerk:/bin/sh\n');
  archive.copy('/etc/group', '/etc/group');
  withLibraries(archive, '/usr/bin/node', realpathSync(process.execPath));
  withLibraries(archive, '/usr/bin/udevadm', realpathSync(program('udevadm')));
  // One program under two names.
  archive.link('/usr/lib/systemd/systemd-udevd', '/usr/bin/udevadm');
  const rules = existsSync('/usr/lib/udev/rules.d') ? '/usr/lib/udev/rules.d' : '/lib/udev/rules.d';
  for (const name of readdirSync(rules)) archive.copy(`/usr/lib/udev/rules.d/${name}`, join(rules, name));

  copyTree(archive, join(root, 'resources/udev'), '/etc/udev/rules.d');
  copyTree(archive, join(root, 'resources/readers'), '/app/resources/readers');
  copyTree(archive, join(root, 'out/standalone'), '/app/out/standalone');
  // The same program where its native packages are missing.
  copyTree(archive, join(root, 'out/standalone'), '/bare/out/standalone');
  archive.text('/bare/package.json', '{"type":"module"}');
  archive.text('/app/package.json', '{"type":"module"}');
  copyTree(archive, guest, '/app/lab');
  for (const folder of packageFolders(root)) copyPackage(archive, folder, folder.slice(root.length));
  return archive.write(to);
}

function program(name) {
  const found = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']
    .map((f) => join(f, name))
    .find((p) => existsSync(p));
  if (!found) throw new Error(`${name} is missing`);
  return found;
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
}

function copyTree(archive, from, to) {
  if (!existsSync(from)) throw new Error(`${from} is missing`);
  for (const file of filesUnder(from)) archive.copy(join(to, file.slice(from.length)), file);
}

/** A file and every shared library it names, at the same places as here. */
function withLibraries(archive, path, source) {
  archive.copy(path, source, 0o755);
  const { stdout } = spawnSync('ldd', [source], { encoding: 'utf8' });
  for (const [library] of stdout.matchAll(/\/\S+\.so[^\s)]*/g)) {
    if (!archive.has(library)) archive.copy(library, realpathSync(library), 0o755);
  }
}

/** The packages in NATIVE and what they depend on, as folders below node_modules. */
function packageFolders(root) {
  const found = new Set();
  const add = (name, from, optional) => {
    const folder = resolvePackage(name, from, root);
    if (!folder) {
      // Builds for other machines are optional packages that are not installed.
      if (!optional) throw new Error(`${name} is not installed`);
      return;
    }
    if (found.has(folder)) return;
    found.add(folder);
    const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const next of Object.keys(about.dependencies ?? {})) add(next, folder, next.startsWith('@types/'));
    for (const next of Object.keys(about.optionalDependencies ?? {})) add(next, folder, true);
  };
  for (const name of NATIVE) add(name, root, false);
  return [...found].filter(
    (folder) => !folder.includes('/@types/') && !OTHER_PLATFORM.test(basename(folder)),
  );
}

function resolvePackage(name, from, root) {
  for (let at = from; at.startsWith(root); at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return null;
}

function copyPackage(archive, from, to) {
  for (const file of filesUnder(from)) {
    const inside = file.slice(from.length + 1);
    if (inside.startsWith('node_modules/') || NOT_TAKEN.test(inside)) continue;
    if (inside.startsWith('prebuilds/') && OTHER_PLATFORM.test(inside)) continue;
    if (!statSync(file).isFile()) continue;
    if (inside.endsWith('.node')) withLibraries(archive, join('/app', to, inside), file);
    else archive.copy(join('/app', to, inside), file);
  }
}

/** The versions that were in play, for the report. */
export function versions(kernel) {
  const qemu = execFileSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' });
  return `Linux ${kernel.version}, Node ${process.versions.node}, QEMU ${/version (\S+)/.exec(qemu)?.[1] ?? '?'}`;
}
