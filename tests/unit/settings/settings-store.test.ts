import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { machinePolicyPath, openSettings } from '../../../electron/core/settings/settings-store.ts';
import { contract } from '../../../shared/contract/index.ts';
import { settingsSchema, type SettingsChange } from '../../../shared/contract/settings.ts';

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'zc-settings-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, 'settings.json');
  const policyPath = join(folder, 'policy.json');
  const open = () =>
    openSettings({ path, policyPath, clock: createSystemClock(), log: { write: () => undefined } });
  return { folder, path, policyPath, open };
}

const defaults = settingsSchema.parse({});

describe('settings', () => {
  it('are the shipped ones when nobody has chosen any', async () => {
    const settings = await place().open();
    expect(settings.read()).toEqual({ settings: defaults, fromPolicy: [] });
    expect(settings.notices).toEqual([]);
  });

  it('keep what was chosen, and only that', async () => {
    const { open, path } = place();
    await (await open()).write({ language: 'en' });
    const again = await open();
    expect(again.read().settings).toEqual({ ...defaults, language: 'en' });
    await again.write({ clerk: { id: 'clerk-7', name: '测试员' } });
    expect((await open()).read().settings).toEqual({
      ...defaults,
      language: 'en',
      clerk: { id: 'clerk-7', name: '测试员' },
    });
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object)).toEqual(['language', 'clerk']);
  });

  it('are all there after a restart, each of them', async () => {
    const { open } = place();
    const chosen: SettingsChange = {
      language: 'en',
      clerk: { id: 'clerk-7', name: '测试员' },
      reader: { mode: 'real', profile: 'dk' },
      photo: { ...defaults.photo, library: '/opt/reader/libwlt.so', rows: 'top-down' },
      printer: { ...defaults.printer, mode: 'lp', address: 'slips' },
      journal: { horizonDays: 60, copyFolder: '/mnt/hall', recoveryKey: `${'A'.repeat(43)}=` },
    };
    await (await open()).write(chosen);
    expect((await open()).read().settings).toEqual(chosen);
    // A setting added later has to be written here, too.
    expect(Object.keys(chosen)).toEqual(Object.keys(defaults));
  });

  it('of the photo decoder may be decided by the machine policy', async () => {
    const { open, policyPath } = place();
    writeFileSync(policyPath, JSON.stringify({ photo: { library: '/opt/reader/libwlt.so' } }));
    const settings = await open();
    const { settings: after } = await settings.write({
      photo: { ...defaults.photo, library: '/tmp/other.so' },
    });
    expect(after.photo.library).toBe('/opt/reader/libwlt.so');
    expect(settings.read().fromPolicy).toEqual(['photo.library']);
  });

  it('leave the other settings alone when the contract parses a change of one', () => {
    const parsed = contract['settings.write'].input.parse({ settings: { language: 'en' } });
    expect(parsed).toEqual({ settings: { language: 'en' } });
  });

  it('follow the machine policy over what was chosen, and say which', async () => {
    const { open, policyPath } = place();
    await (
      await open()
    ).write({ printer: { mode: 'lp', address: 'slips', dots: 384, bandRows: 100, bandPauseMs: 5 } });
    writeFileSync(
      policyPath,
      '\uFEFF' + JSON.stringify({ language: 'en', printer: { mode: 'tcp', address: '10.0.0.9:9100' } }),
    );
    const settings = await open();
    expect(settings.read()).toEqual({
      settings: {
        ...defaults,
        language: 'en',
        printer: { mode: 'tcp', address: '10.0.0.9:9100', dots: 384, bandRows: 100, bandPauseMs: 5 },
      },
      fromPolicy: ['language', 'printer.mode', 'printer.address'],
    });
    const after = await settings.write({ language: 'zh-CN' });
    expect(after.settings.language).toBe('en');
  });

  it('go on without a policy that is damaged, or the part of it that is not valid, and say so', async () => {
    const { open, policyPath } = place();
    writeFileSync(policyPath, '{');
    const damaged = await open();
    expect(damaged.notices).toEqual(['policy-unreadable']);
    expect(damaged.read().settings).toEqual(defaults);
    writeFileSync(policyPath, JSON.stringify({ language: 'fr', reader: { mode: 'hid' } }));
    const half = await open();
    expect(half.notices).toEqual(['policy-unreadable']);
    expect(half.read()).toMatchObject({
      settings: { language: 'zh-CN', reader: { mode: 'real' } },
      fromPolicy: ['reader.mode'],
    });
  });

  it('put a damaged file aside byte for byte, use the shipped ones and say so once', async () => {
    const { open, path, folder } = place();
    writeFileSync(path, '{"language": "en"');
    const settings = await open();
    expect(settings.notices).toEqual(['settings-corrupt']);
    expect(settings.read().settings).toEqual(defaults);
    const kept = readdirSync(folder).filter((name) => /^settings\.corrupt-[0-9T]+\.json$/.test(name));
    expect(kept).toHaveLength(1);
    expect(readFileSync(join(folder, kept[0]!), 'utf8')).toBe('{"language": "en"');
    expect((await open()).notices).toEqual([]);
  });

  it('keep the parts that are valid when one is not', async () => {
    const { open, path } = place();
    writeFileSync(path, JSON.stringify({ language: 'en', printer: { mode: 'fax' } }));
    const settings = await open();
    expect(settings.notices).toEqual(['settings-corrupt']);
    expect(settings.read().settings).toEqual({ ...defaults, language: 'en' });
  });

  it('look for the policy where admins of each system put it', () => {
    expect(machinePolicyPath('linux', {})).toBe('/etc/zongchuang/policy.json');
    expect(machinePolicyPath('win32', { ProgramData: 'D:/Data' })).toContain('D:/Data');
  });
});
