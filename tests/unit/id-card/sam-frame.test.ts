import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCardPayload } from '../../../electron/core/id-card/card-payload.ts';
import { answers, COMMANDS } from '../../../electron/core/id-card/sam-commands.ts';
import type { CommandName } from '../../../electron/core/id-card/sam-commands.ts';
import { createReplyDecoder, encodeReply, encodeRequest } from '../../../electron/core/id-card/sam-frame.ts';
import type { DecodedPart, SamReply } from '../../../electron/core/id-card/sam-frame.ts';
import { encodeCardText } from '../../../shared/domain/card/encode-card-text.ts';
import { demoPerson } from '../../fixtures/cards.ts';
import { bytesOf, hexOf } from './hex.ts';

const reply = (sw3: number, data = new Uint8Array()): SamReply => ({ sw1: 0, sw2: 0, sw3, data });
const decode = (bytes: Uint8Array): DecodedPart[] => createReplyDecoder().push(bytes);
const replies = (parts: DecodedPart[]): SamReply[] =>
  parts.flatMap((p) => (p.kind === 'reply' ? [p.reply] : []));

describe('requests', () => {
  it.each<[CommandName, string]>([
    ['resetSam', 'AA AA AA 96 69 00 03 10 FF EC'],
    ['samStatus', 'AA AA AA 96 69 00 03 11 FF ED'],
    ['samId', 'AA AA AA 96 69 00 03 12 FF EE'],
    ['find', 'AA AA AA 96 69 00 03 20 01 22'],
    ['select', 'AA AA AA 96 69 00 03 20 02 21'],
    ['readBase', 'AA AA AA 96 69 00 03 30 01 32'],
    ['readBaseWithFingerprint', 'AA AA AA 96 69 00 03 30 10 23'],
    ['readAppended', 'AA AA AA 96 69 00 03 30 03 30'],
    ['readManagement', 'AA AA AA 96 69 00 03 30 05 36'],
  ])('%s is %s', (name, hex) => {
    const { command, parameter } = COMMANDS[name];
    expect(hexOf(encodeRequest(command, parameter))).toBe(hex);
  });

  it('the speed commands and the radio block carry the published check bytes', () => {
    const tails = [0, 1, 2, 3, 4].map((speed) => hexOf(encodeRequest(0x60, speed)).slice(-8));
    expect(tails).toEqual(['60 00 63', '60 01 62', '60 02 61', '60 03 60', '60 04 67']);
    expect(hexOf(encodeRequest(0x61, 0xff, Uint8Array.of(0x50)))).toBe('AA AA AA 96 69 00 04 61 FF 50 CA');
  });
});

describe('replies', () => {
  it.each<[string, string, number, number]>([
    ['found', 'AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97', 0x9f, 4],
    ['no card', 'AA AA AA 96 69 00 04 00 00 80 84', 0x80, 0],
    ['selected', 'AA AA AA 96 69 00 0C 00 00 90 00 00 00 00 00 00 00 00 9C', 0x90, 8],
    ['select failed', 'AA AA AA 96 69 00 04 00 00 81 85', 0x81, 0],
    ['done', 'AA AA AA 96 69 00 04 00 00 90 94', 0x90, 0],
    ['no such item', 'AA AA AA 96 69 00 04 00 00 91 95', 0x91, 0],
    ['read failed', 'AA AA AA 96 69 00 04 00 00 41 45', 0x41, 0],
    ['bad check byte', 'AA AA AA 96 69 00 04 00 00 10 14', 0x10, 0],
    ['bad length', 'AA AA AA 96 69 00 04 00 00 11 15', 0x11, 0],
    ['bad command', 'AA AA AA 96 69 00 04 00 00 21 25', 0x21, 0],
    ['card refused the reader', 'AA AA AA 96 69 00 04 00 00 31 35', 0x31, 0],
    ['not authorised', 'AA AA AA 96 69 00 04 00 00 66 62', 0x66, 0],
  ])('%s', (_, hex, sw3, length) => {
    expect(hexOf(encodeReply(reply(sw3, new Uint8Array(length))))).toBe(hex);
    expect(decode(bytesOf(hex))).toEqual([{ kind: 'reply', reply: reply(sw3, new Uint8Array(length)) }]);
  });

  it('the synthetic full frames are made and read byte by byte', () => {
    const frameOf = (id: string): Uint8Array => {
      const { text, photo } = demoPerson(id);
      return encodeReply(reply(0x90, Uint8Array.of(1, 0, 4, 0, ...text, ...photo)));
    };
    const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const resident = frameOf('jia');
    expect([resident.length, resident.at(-1), sha(resident)]).toEqual([1295, 0x56, '8197fc61591a6ed8']);
    expect(hexOf(resident.subarray(0, 14))).toBe('AA AA AA 96 69 05 08 00 00 90 01 00 04 00');
    const foreign = frameOf('foreign-2017');
    expect([foreign.length, foreign.at(-1), sha(foreign)]).toEqual([1295, 0xd0, 'bee696d19b3ad92d']);
    const [decoded] = replies(decode(resident));
    expect(splitCardPayload(decoded!.data)).toEqual({
      text: demoPerson('jia').text,
      photo: demoPerson('jia').photo,
      fingerprint: null,
    });
  });

  it('passes on the card’s own status beside the SAM’s', () => {
    expect(decode(bytesOf('AA AA AA 96 69 00 04 6A 82 41 AD'))).toEqual([
      { kind: 'reply', reply: { sw1: 0x6a, sw2: 0x82, sw3: 0x41, data: new Uint8Array() } },
    ]);
  });

  it('a handheld’s odd time-out answer is a damaged frame, not a crash', () => {
    const decoder = createReplyDecoder();
    expect(decoder.push(bytesOf('AA AA AA 96 69 00 05 05 05 05 05'))).toEqual([]);
    expect(decoder.giveUp()).toEqual([{ kind: 'bad', reason: 'incomplete' }]);
  });

  it('refuses lengths below 4 and above 4096 and goes on behind the false beginning', () => {
    const good = encodeReply(reply(0x80));
    for (const length of ['00 00', '00 03', '10 01', 'FF FF']) {
      const parts = decode(Uint8Array.of(...bytesOf(`AA AA AA 96 69 ${length}`), ...good));
      expect(parts).toEqual([
        { kind: 'bad', reason: 'length' },
        { kind: 'reply', reply: reply(0x80) },
      ]);
    }
    expect(replies(decode(encodeReply(reply(0x90, new Uint8Array(4092)))))).toHaveLength(1);
  });

  it('an extra AA before the preamble does no harm', () => {
    expect(replies(decode(bytesOf('AA AA AA AA 96 69 00 04 00 00 80 84')))).toEqual([reply(0x80)]);
  });

  it('a whole frame behind a false beginning comes out once the false one is given up', () => {
    const decoder = createReplyDecoder();
    const falseStart = bytesOf('AA AA AA 96 69 0F 00 00');
    expect(decoder.push(Uint8Array.of(...falseStart, ...encodeReply(reply(0x9f))))).toEqual([]);
    expect(decoder.giveUp()).toEqual([
      { kind: 'bad', reason: 'incomplete' },
      { kind: 'reply', reply: reply(0x9f) },
    ]);
    expect(decoder.giveUp()).toEqual([]);
  });

  it('any reply survives any cutting', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ sw3: fc.nat(255), data: fc.uint8Array({ maxLength: 1400 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 1, max: 130 }),
        (all, size) => {
          const stream = all.flatMap(({ sw3, data }) => [...encodeReply(reply(sw3, data))]);
          const decoder = createReplyDecoder();
          const seen: DecodedPart[] = [];
          for (let at = 0; at < stream.length; at += size) {
            seen.push(...decoder.push(Uint8Array.from(stream.slice(at, at + size))));
          }
          expect(replies(seen)).toEqual(all.map(({ sw3, data }) => reply(sw3, data)));
          expect(seen.every((part) => part.kind === 'reply')).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never throws and never loses the next whole frame behind garbage full of preambles', () => {
    const noise = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.uint8Array({ maxLength: 40 }) },
        { weight: 2, arbitrary: fc.constant(bytesOf('AA AA AA 96 69')) },
        {
          weight: 1,
          arbitrary: fc
            .uint8Array({ minLength: 2, maxLength: 2 })
            .map((l) => Uint8Array.of(...bytesOf('AA AA AA 96 69'), ...l)),
        },
        { weight: 1, arbitrary: fc.constant(encodeReply(reply(0x41)).subarray(0, 9)) },
      ),
      { maxLength: 6 },
    );
    const data = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(noise, data, fc.integer({ min: 1, max: 70 }), (garbage, content, size) => {
        const wanted = reply(0x90, content);
        const stream = [...garbage.flatMap((piece) => [...piece]), ...encodeReply(wanted)];
        const decoder = createReplyDecoder();
        const seen: DecodedPart[] = [];
        for (let at = 0; at < stream.length; at += size) {
          seen.push(...decoder.push(Uint8Array.from(stream.slice(at, at + size))));
        }
        seen.push(...decoder.giveUp());
        // Garbage may by chance make a frame that holds and swallows ours; nothing on the wire could tell.
        fc.pre(replies(seen).length === 0 || replies(seen).some((r) => r.data.length === content.length));
        expect(replies(seen)).toContainEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it('forgets what is half received when a new command begins', () => {
    const decoder = createReplyDecoder();
    decoder.push(encodeReply(reply(0x90, new Uint8Array(100))).subarray(0, 50));
    decoder.reset();
    expect(decoder.push(encodeReply(reply(0x80)))).toEqual([{ kind: 'reply', reply: reply(0x80) }]);
  });
});

describe('what a reply answers', () => {
  it('a late answer to another command is not taken for this one', () => {
    expect(answers(COMMANDS.find, reply(0x90))).toBe(false);
    expect(answers(COMMANDS.select, reply(0x9f, new Uint8Array(4)))).toBe(false);
    expect(answers(COMMANDS.readBase, reply(0x90))).toBe(false);
    expect(answers(COMMANDS.samStatus, reply(0x90, new Uint8Array(8)))).toBe(false);
    expect(answers(COMMANDS.readAppended, reply(0x90, new Uint8Array(1284)))).toBe(false);
  });

  it('its own answer and every refusal is', () => {
    expect(answers(COMMANDS.find, reply(0x9f, new Uint8Array(4)))).toBe(true);
    expect(answers(COMMANDS.select, reply(0x90, new Uint8Array(8)))).toBe(true);
    expect(answers(COMMANDS.readAppended, reply(0x91))).toBe(true);
    expect(answers(COMMANDS.readBase, reply(0x41))).toBe(true);
  });
});

describe('the data of a base read', () => {
  const text = encodeCardText({ type: 'resident', name: '测试甲' });
  const photo = new Uint8Array(1024);
  it.each([0, 512, 1024])('with fingerprints of %i bytes', (length) => {
    const data = Uint8Array.of(1, 0, 4, 0, length >> 8, 0, ...text, ...photo, ...new Uint8Array(length));
    expect(encodeReply(reply(0x90, data))).toHaveLength(1297 + length);
    expect(splitCardPayload(data)).toEqual({ text, photo, fingerprint: new Uint8Array(length) });
  });

  it('without a photo', () => {
    expect(splitCardPayload(Uint8Array.of(1, 0, 0, 0, ...text))).toEqual({
      text,
      photo: null,
      fingerprint: null,
    });
  });

  it('lengths that do not add up, and no text at all, are refused', () => {
    expect(splitCardPayload(Uint8Array.of(1, 0, 4, 0, ...text))).toBeNull();
    expect(splitCardPayload(Uint8Array.of(0, 0, 0, 0))).toBeNull();
    expect(splitCardPayload(new Uint8Array())).toBeNull();
    expect(() =>
      fc.assert(fc.property(fc.uint8Array(), (bytes) => void splitCardPayload(bytes))),
    ).not.toThrow();
  });
});
