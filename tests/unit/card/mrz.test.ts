import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mrzCheckDigit, parseMrz } from '../../../shared/domain/card/mrz.ts';

const TODAY = '2026-07-01';

/** The specimens that ICAO 9303 prints itself; nobody real. */
const PASSPORT = [
  'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<',
  'L898902C36UTO7408122F1204159ZE184226B<<<<<10',
].join('\n');
const CARD = [
  'I<UTOD231458907<<<<<<<<<<<<<<<',
  '7408122F1204159UTO<<<<<<<<<<<6',
  'ERIKSSON<<ANNA<MARIA<<<<<<<<<<',
].join('\n');
const TD2 = ['I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<', 'D231458907UTO7408122F1204159<<<<<<<6'].join('\n');

const anna = {
  issuer: 'UTO',
  surname: 'ERIKSSON',
  givenNames: 'ANNA MARIA',
  nationality: 'UTO',
  birth: '1974-08-12',
  sex: '2',
  expiry: '2012-04-15',
  problems: ['expired'],
};

describe('the machine-readable zone', () => {
  it('reads the specimens of the standard, all three sizes', () => {
    expect(parseMrz(PASSPORT, TODAY)).toEqual({
      ...anna,
      format: 'TD3',
      documentCode: 'P',
      idType: '414',
      number: 'L898902C3',
      optional: 'ZE184226B',
    });
    const card = { ...anna, documentCode: 'I', idType: '990', number: 'D23145890', optional: '' };
    expect(parseMrz(CARD, TODAY)).toEqual({ ...card, format: 'TD1' });
    expect(parseMrz(TD2, TODAY)).toEqual({ ...card, format: 'TD2' });
  });

  it('takes what scanners and hands make of it: no line ends, CR, full-width, small letters, other lines around', () => {
    const plain = parseMrz(PASSPORT, TODAY);
    for (const text of [
      PASSPORT.replace('\n', ''),
      PASSPORT.replace('\n', '\r') + '\r',
      PASSPORT.replaceAll('<', '＜'),
      PASSPORT.toLowerCase(),
      `PASSPORT\n\n${PASSPORT}\n12`,
      PASSPORT.replace('ERIKSSON<<', 'ERIKSSON << '),
    ])
      expect(parseMrz(text, TODAY), text).toEqual(plain);
    expect(parseMrz(CARD.replaceAll('\n', ''), TODAY)).toEqual(parseMrz(CARD, TODAY));
  });

  it('follows a number of more than nine places into the optional data', () => {
    const first = `I<UTOD23145890<734${mrzCheckDigit('D23145890734')}`.padEnd(30, '<');
    const second = '7408122F1204159UTO<<<<<<<<<<<';
    const whole = mrzCheckDigit(first.slice(5) + second.slice(0, 7) + second.slice(8, 15) + second.slice(18));
    const found = parseMrz([first, second + whole, CARD.slice(-30)].join('\n'), TODAY);
    expect(found).toMatchObject({ number: 'D23145890734', optional: '', problems: ['expired'] });
  });

  it('knows the permits of Hong Kong, Macao and Taiwan residents by their codes', () => {
    expect(parseMrz(CARD.replace('I<UTO', 'CRCHN'), TODAY)?.idType).toBe('516');
    expect(parseMrz(CARD.replace('I<UTO', 'CTCHN'), TODAY)?.idType).toBe('511');
    expect(parseMrz(PASSPORT.replace('P<', 'PO'), TODAY)?.idType).toBe('414');
  });

  it('names every check digit that does not hold, and reads on', () => {
    const spoil = (at: number): string => {
      const there = PASSPORT[45 + at] ?? '';
      const other = there === '0' ? '1' : '0';
      return PASSPORT.slice(0, 45 + at) + other + PASSPORT.slice(46 + at);
    };
    expect(parseMrz(spoil(9), TODAY)?.problems).toContain('number-check-digit');
    expect(parseMrz(spoil(19), TODAY)?.problems).toContain('birth-check-digit');
    expect(parseMrz(spoil(27), TODAY)?.problems).toContain('expiry-check-digit');
    expect(parseMrz(spoil(42), TODAY)?.problems).toContain('optional-check-digit');
    expect(parseMrz(spoil(43), TODAY)?.problems).toEqual(['expired', 'composite-check-digit']);
    expect(parseMrz(spoil(43), TODAY)?.number).toBe('L898902C3');
  });

  it('says that a birth is not wholly known, and that a visa identifies nobody', () => {
    const unknown = PASSPORT.replace('7408122', `74<<<<${mrzCheckDigit('74<<<<')}`);
    expect(parseMrz(unknown, TODAY)).toMatchObject({ birth: '' });
    expect(parseMrz(unknown, TODAY)?.problems).toContain('birth');
    const visa = [
      'V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<',
      'L8988901C4XXX4009078F96121096ZE184226B<<<<<<',
    ].join('\n');
    expect(parseMrz(visa, TODAY)).toMatchObject({ birth: '1940-09-07', expiry: '1996-12-10' });
    expect(parseMrz(visa, TODAY)?.problems).toEqual(['expired', 'visa']);
  });

  it('puts two-digit years into the right century', () => {
    const born = (yymmdd: string): string | undefined =>
      parseMrz(PASSPORT.replace('7408122', yymmdd + mrzCheckDigit(yymmdd)), TODAY)?.birth;
    expect(born('260701')).toBe('2026-07-01');
    expect(born('260702')).toBe('1926-07-02');
    const ends = PASSPORT.replace('1204159', `360701${mrzCheckDigit('360701')}`);
    expect(parseMrz(ends, TODAY)?.expiry).toBe('2036-07-01');
  });

  it('finds nothing where nothing is, and never throws', () => {
    for (const text of ['', '110101190001017777', '<'.repeat(88), 'A'.repeat(43), '中'.repeat(90)])
      expect(parseMrz(text, TODAY)).toBeNull();
    const zoneLike = fc
      .constantFrom(90, 88, 72)
      .chain((length) =>
        fc.string({ unit: fc.constantFrom(...Array.from('PCV<09AZ')), minLength: length, maxLength: length }),
      );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), zoneLike), (text) => {
        const found = parseMrz(text, TODAY);
        if (found) expect(found.birth).toMatch(/^(?:\d{4}-\d\d-\d\d)?$/u);
      }),
      { numRuns: 500 },
    );
  });

  it('gives back what a document was made with', () => {
    const letters = (min: number, max: number) =>
      fc.string({
        unit: fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')),
        minLength: min,
        maxLength: max,
      });
    const number = fc.string({
      unit: fc.constantFrom(...Array.from('ABCDEFGHJKLMNPQRSTUVWXYZ0123456789')),
      minLength: 1,
      maxLength: 9,
    });
    const year = fc.integer({ min: 1930, max: 2025 });
    fc.assert(
      fc.property(
        letters(1, 14),
        letters(1, 14),
        number,
        year,
        letters(3, 3),
        (surname, given, no, y, state) => {
          const birth = `${String(y).slice(2)}0131`;
          const first = `P<${state}${surname}<<${given}`.padEnd(44, '<');
          const nine = no.padEnd(9, '<');
          const body = `${nine}${mrzCheckDigit(nine)}${state}${birth}${mrzCheckDigit(birth)}M310131${mrzCheckDigit('310131')}${'<'.repeat(14)}<`;
          const whole = mrzCheckDigit(body.slice(0, 10) + body.slice(13, 20) + body.slice(21));
          expect(parseMrz(`${first}\n${body}${whole}`, TODAY)).toMatchObject({
            surname,
            givenNames: given,
            number: no,
            nationality: state,
            birth: `${y}-01-31`,
            sex: '1',
            expiry: '2031-01-31',
            problems: [],
          });
        },
      ),
    );
  });

  it('never takes a misread digit in a checked place without a word', () => {
    const digitsAt = Array.from(PASSPORT)
      .map((character, at) => ({ character, at }))
      .filter(({ character, at }) => at > 44 && /\d/u.test(character))
      .map(({ at }) => at);
    fc.assert(
      fc.property(fc.constantFrom(...digitsAt), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const digit = String((Number(PASSPORT[at]) + by) % 10);
        const found = parseMrz(PASSPORT.slice(0, at) + digit + PASSPORT.slice(at + 1), TODAY);
        expect(found?.problems.filter((problem) => problem.endsWith('check-digit'))).not.toEqual([]);
      }),
    );
  });
});
