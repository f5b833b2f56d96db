import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChoice } from '../../../electron/core/id-card/choose-reader.ts';
import {
  formatReaderSetting,
  missingFrom,
  parseReaderSetting,
} from '../../../renderer/src/stations/admin/reader-setting.ts';

describe('the setting reader.profile, taken apart for a form', () => {
  it('knows a profile alone, on a device, on a port and on a library', () => {
    expect(parseReaderSetting(undefined)).toEqual({ profile: '', target: '' });
    expect(parseReaderSetting('miaxis')).toEqual({ profile: 'miaxis', target: '' });
    expect(parseReaderSetting('generic-raw@1a2b:3c4d')).toEqual({
      profile: 'generic-raw',
      target: '1a2b:3c4d',
    });
    expect(parseReaderSetting('sdtapi@C:\\a@b\\sdtapi.dll')).toEqual({
      profile: 'sdtapi',
      target: 'C:\\a@b\\sdtapi.dll',
    });
  });

  it('is put together again as the machine reads it, whatever the path', () => {
    const id = fc.stringMatching(/^[a-z0-9-]{1,40}$/);
    const path = fc.string({ minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(id, fc.oneof(fc.constant(''), path), (profile, target) => {
        const setting = formatReaderSetting({ profile, target });
        expect(parseReaderSetting(setting)).toEqual({ profile, target: target.trim() });
        const read = parseChoice(setting);
        expect(read.profile).toBe(profile);
        if (target !== '' && read.ids === null) expect(read.path).toBe(target.trim());
      }),
    );
  });

  it('leaves the setting out for any reader that is known', () => {
    expect(formatReaderSetting({ profile: '', target: 'COM3' })).toBeUndefined();
  });

  it('says what is missing before it is saved', () => {
    expect(missingFrom({ profile: 'uart', target: ' ' }, 'serial')).toBe('needsPort');
    expect(missingFrom({ profile: 'uart', target: 'COM3' }, 'serial')).toBe('');
    expect(missingFrom({ profile: 'sdtapi', target: '' }, 'library')).toBe('needsLibrary');
    expect(missingFrom({ profile: 'sdtapi', target: 'sdtapi.dll' }, 'library')).toBe('needsFullPath');
    expect(missingFrom({ profile: 'sdtapi', target: 'C:\\reader\\sdtapi.dll' }, 'library')).toBe('');
    expect(missingFrom({ profile: 'termb', target: '/opt/reader/libtermb.so' }, 'library')).toBe('');
    expect(missingFrom({ profile: 'generic-raw', target: '' }, 'hid')).toBe('needsDevice');
    expect(missingFrom({ profile: 'miaxis', target: '' }, 'hid')).toBe('');
    expect(missingFrom({ profile: '', target: '' }, undefined)).toBe('');
  });
});
