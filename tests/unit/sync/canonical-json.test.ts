import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isCanonical, type Json } from '../../../shared/sync/canonical-json.ts';

describe('canonical JSON (RFC 8785)', () => {
  it('sorts keys by UTF-16 code units, as the example of RFC 8785 §3.2.3', () => {
    const value = {
      '\u20ac': 'Euro',
      '\r': 'CR',
      '\ufb33': 'Dalet',
      '1': 'One',
      '\ud83d\ude00': 'Emoji',
      '\u0080': 'Control',
      ö: 'o',
    };
    expect(canonicalJson(value)).toBe(
      '{"\\r":"CR","1":"One","\u0080":"Control","ö":"o","\u20ac":"Euro","\ud83d\ude00":"Emoji","\ufb33":"Dalet"}',
    );
  });

  it('prints numbers as ECMAScript does', () => {
    expect(canonicalJson([333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    );
  });

  it('gives one text for one value, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(shuffled as Json)).toBe(canonicalJson(value as Json));
      }),
    );
  });

  it('can be read back and written again without change', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = canonicalJson(value as Json);
        expect(canonicalJson(JSON.parse(once) as Json)).toBe(once);
      }),
    );
  });

  it('keeps rare characters of names as they are', () => {
    expect(canonicalJson({ name: '𠮷䶮㼆𬭚·\ue000' })).toBe('{"name":"𠮷䶮㼆𬭚·\ue000"}');
  });

  it('refuses what has no one text', () => {
    for (const value of [NaN, Infinity, '\ud800', { a: undefined }, [() => 1]]) {
      expect(() => canonicalJson(value as unknown as Json)).toThrow(TypeError);
    }
  });
});

describe('being canonical', () => {
  const slowly = (value: Json, text: string): boolean => {
    try {
      return canonicalJson(value) === text;
    } catch {
      return false;
    }
  };

  it('is told as by writing it canonically, for any value and any way of writing it', () => {
    const keys = fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat(30).map(String), fc.constant('__proto__'));
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true }),
        fc.constant(null),
        fc.array(tie('node')),
        fc.dictionary(keys, tie('node')),
      ),
    })).node;
    let canonical = 0;
    fc.assert(
      fc.property(value, fc.constantFrom(0, 1), (made, indent) => {
        const written = JSON.stringify(made, null, indent);
        for (const text of [written, safely(made) ?? written]) {
          const read = JSON.parse(text) as Json;
          expect(isCanonical(read, text)).toBe(slowly(read, text));
          canonical += Number(isCanonical(read, text));
        }
      }),
      { numRuns: 500 },
    );
    expect(canonical).toBeGreaterThan(100);
  });

  it('is denied to a lone surrogate, written out or not, and to keys out of order', () => {
    for (const text of [
      '{"a":"\\ud800"}',
      '"\ud800"',
      '{"b":1,"a":2}',
      '[{"b":1,"a":2}]',
      '{"9":1,"10":2}',
      '{"a":1,"a":1}',
      '1.0',
    ])
      expect(isCanonical(JSON.parse(text) as Json, text)).toBe(false);
    for (const text of ['{"a":"\\\\ud800"}', '{"10":1,"9":2}', '[]', '{"a":{"b":[{"c":1}]}}'])
      expect(isCanonical(JSON.parse(text) as Json, text)).toBe(true);
  });

  function safely(value: unknown): string | null {
    try {
      return canonicalJson(JSON.parse(JSON.stringify(value)) as Json);
    } catch {
      return null;
    }
  }
});
