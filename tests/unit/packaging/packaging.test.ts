import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../shared/contract/settings.ts';

const root = resolve(import.meta.dirname, '../../..');
/** As much of a reader profile as is needed; the generic ones match no device by themselves. */
interface Profile {
  match?: { vendorId: string; productId: string }[];
  framing: { kind: string };
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the packages', () => {
  const config = read('electron-builder.yml');

  it.each([
    ['runAsNode', false],
    ['enableNodeOptionsEnvironmentVariable', false],
    ['enableNodeCliInspectArguments', false],
    ['enableCookieEncryption', true],
    ['onlyLoadAppFromAsar', true],
    ['enableEmbeddedAsarIntegrityValidation', true],
    ['grantFileProtocolExtraPrivileges', false],
  ])('have the fuse %s at %s', (fuse, state) => {
    expect(config).toMatch(new RegExp(`^  ${fuse}: ${String(state)}$`, 'm'));
  });

  it('keep the id that updates find the installed program by', () => {
    expect(config).toMatch(/^appId: cn\.zongchuang\.counter$/m);
  });

  it('name only files that exist', () => {
    const named = [...config.matchAll(/resources\/(?:icons|installer|udev)\/[\w.-]+/g)].map(([path]) => path);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('carry an icon large enough to be made smaller', () => {
    const png = readFileSync(join(root, 'resources/icons/icon.png'));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([512, 512]);
  });

  it('do not let users write the machine policy, and never delete a hall’s data', () => {
    const installer = read('resources/installer/installer.nsh');
    expect(installer).toMatch(/icacls "\$APPDATA\\zongchuang" \/inheritance:r/);
    expect(installer).not.toMatch(/RMDir|Delete /i);
    expect(config).toMatch(/deleteAppDataOnUninstall: false/);
  });
});

describe('the policy template', () => {
  it('is a policy the program understands, each part of it', () => {
    const policy = JSON.parse(read('resources/policy/policy.template.json')) as Record<string, unknown>;
    expect(Object.keys(policy).length).toBeGreaterThan(0);
    expect(settingsSchema.partial().strict().safeParse(policy).error).toBeUndefined();
  });
});

describe('the udev rules', () => {
  const rules = read('resources/udev/70-zongchuang-readers.rules');

  it('let the person at the seat open every reader the program knows', () => {
    const known = readdirSync(join(root, 'resources/readers'))
      .filter((name) => name.endsWith('.json') && !name.includes('schema'))
      .map((name) => JSON.parse(read(`resources/readers/${name}`)) as Profile)
      .flatMap(({ match = [], framing }) => match.map((ids) => ({ ...ids, bulk: framing.kind === 'bulk' })));
    expect(known.length).toBeGreaterThan(1);
    const missing = known.filter(({ vendorId, productId, bulk }) => {
      const [vendor, product] = [vendorId.toLowerCase(), productId.toLowerCase()];
      return !rules.includes(
        bulk
          ? `SUBSYSTEM=="usb", ATTR{idVendor}=="${vendor}", ATTR{idProduct}=="${product}"`
          : `SUBSYSTEM=="hidraw", ATTRS{idVendor}=="${vendor}", ATTRS{idProduct}=="${product}"`,
      );
    });
    expect(missing).toEqual([]);
  });

  it('give no device to everybody', () => {
    const active = rules.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of active) {
      expect(line).toMatch(
        /^SUBSYSTEM=="(hidraw|usb)", ATTRS?\{idVendor\}=="[0-9a-f]{4}", ATTRS?\{idProduct\}=="[0-9a-f]{4}", TAG\+="uaccess"$/,
      );
    }
  });
});
