import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCaseNo,
  formatTicketNo,
  parseCaseNo,
  parseTicketNo,
} from '../../../shared/domain/case/numbers.ts';
import { maskText } from '../../../shared/domain/masking/mask.ts';

const series = fc.stringMatching(/^[A-Z]{1,4}$/);
const serial = fc.integer({ min: 1, max: 99_999_999 });
const day = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const hall = fc.stringMatching(/^[0-9A-Za-z]{1,20}$/);

describe('a queue number', () => {
  it('is its series and three digits', () => {
    expect(formatTicketNo('A', 17)).toBe('A017');
    expect(formatTicketNo('AB', 1000)).toBe('AB1000');
  });

  it('is read back to its parts', () => {
    fc.assert(
      fc.property(series, serial, (letters, n) => {
        expect(parseTicketNo(formatTicketNo(letters, n))).toEqual({ series: letters, n });
      }),
    );
  });

  it.each(['', 'A', '017', 'A17', 'A000', 'A0017', 'a017', 'A017 '])('is not %j', (no) => {
    expect(parseTicketNo(no)).toBeNull();
  });

  it('is not made of parts that do not fit', () => {
    expect(() => formatTicketNo('', 1)).toThrow(RangeError);
    expect(() => formatTicketNo('A', 0)).toThrow(RangeError);
    expect(() => formatTicketNo('A', 1.5)).toThrow(RangeError);
  });
});

describe('a case number', () => {
  it('is hall, day, series and serial', () => {
    expect(formatCaseNo('330102', '2026-11-21', 'A', 7)).toBe('330102-20261121-A-0007');
    expect(formatCaseNo('hall-1', '2026-11-21', 'A', 12345)).toBe('hall1-20261121-A-12345');
  });

  it('is read back to its parts, fits 50 characters, and is not taken for a number of a person', () => {
    fc.assert(
      fc.property(hall, day, series, serial, (place, date, letters, n) => {
        const no = formatCaseNo(place, date, letters, n);
        expect(parseCaseNo(no)).toEqual({ hall: place, day: date, series: letters, n });
        expect(no.length).toBeLessThanOrEqual(50);
        if (/^\d{6}$/.test(place)) expect(maskText(no)).toBe(no);
      }),
    );
  });

  it('is another one for another device, day or serial', () => {
    const part = fc.tuple(hall, day, series, serial);
    fc.assert(
      fc.property(part, part, (a, b) => {
        expect(formatCaseNo(...a) === formatCaseNo(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it.each([
    '',
    '330102-20261121-A-007',
    '330102-20261121-0007',
    '330102-2026112-A-0007',
    'x_y-20261121-A-0007',
    '330102-20261121-A-0000',
  ])('is not %j', (no) => {
    expect(parseCaseNo(no)).toBeNull();
  });

  it('is not made of parts that do not fit', () => {
    expect(() => formatCaseNo('', '2026-11-21', 'A', 1)).toThrow(RangeError);
    expect(() => formatCaseNo('330102', '20261121', 'A', 1)).toThrow(RangeError);
    expect(() => formatCaseNo('330102', '2026-11-21', '7', 1)).toThrow(RangeError);
  });
});
