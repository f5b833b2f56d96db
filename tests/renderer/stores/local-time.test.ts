import { describe, expect, it } from 'vitest';
import { elapsedText, localDay, localTime, timeOrDay } from '../../../renderer/src/stores/local-time.ts';

const at = new Date(2026, 10, 21, 9, 5, 7).getTime();

describe('wall-clock texts', () => {
  it('are those of this machine', () => {
    expect([localDay(at), localTime(at)]).toEqual(['2026-11-21', '09:05']);
  });

  it('name the day when it was another one', () => {
    expect([timeOrDay(at, '2026-11-21'), timeOrDay(at, '2026-11-23')]).toEqual(['09:05', '11-21 09:05']);
  });

  it.each([
    [0, '00:00'],
    [252_900, '04:12'],
    [3_600_000, '1:00:00'],
    [-5_000, '00:00'],
  ])('%i ms have passed: %s', (ms, text) => {
    expect(elapsedText(ms)).toBe(text);
  });
});
