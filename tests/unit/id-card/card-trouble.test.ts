import { describe, expect, it } from 'vitest';
import { demoCard, demoDocument } from '../../fixtures/cards.ts';
import type { DemoCard } from '../../fixtures/cards.ts';
import { phase, READ_TAKES, waiting } from './desk.ts';

/** A card of a kind that did not exist when this program was written. */
function unknownCard(): DemoCard {
  const card = demoCard('unknown', '未知类型', { type: 'resident', name: '测试丁' });
  card.text[248] = 'K'.charCodeAt(0);
  return card;
}

describe('a card lifted too early', () => {
  it('is said so at once, and the next attempt clears it', async () => {
    const desk = await waiting({ real: { latency: READ_TAKES } });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reader.status().phase === 'reading', 1000);
    await desk.clock.advance(200);
    desk.real.cards.lift();
    await desk.clock.until(() => desk.reader.status().phase === 'error', 1000);
    expect(desk.reader.status().error).toBe('ID_CARD_LIFTED');
    await desk.clock.advance(2000);
    expect(phase(desk)).toBe('error:ID_CARD_LIFTED');
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 3000);
    expect(desk.phases()).toEqual(['reading', 'error:ID_CARD_LIFTED', 'reading', 'read']);
  });

  it('the message goes after a while when nobody comes', async () => {
    const desk = await waiting({ real: { latency: READ_TAKES } });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reader.status().phase === 'reading', 1000);
    desk.real.cards.lift();
    await desk.clock.until(() => desk.reader.status().phase === 'error', 1000);
    await desk.clock.advance(7000);
    expect(phase(desk)).toBe('error:ID_CARD_LIFTED');
    await desk.clock.advance(2000);
    expect(phase(desk)).toBe('waiting');
  });

  it.each([0x31, 0x32, 0x41, 0x47, 0x3f])('status %i with the card gone is a lifted card', async (status) => {
    const desk = await waiting({ real: { latency: READ_TAKES } });
    desk.real.faults.add({ on: 'read', status });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.real.requests.includes('30 01'), 1000);
    desk.real.cards.lift();
    await desk.clock.until(() => desk.reader.status().phase === 'error', 1000);
    expect(desk.reader.status().error).toBe('ID_CARD_LIFTED');
  });
});

describe('a card that could not be read', () => {
  it('and is taken away while it is tried once more keeps its reason on the screen', async () => {
    const desk = await waiting({ real: { latency: READ_TAKES } });
    desk.real.faults.add({ on: 'read', status: 0x33, times: Infinity });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reader.status().phase === 'error', 8000);
    expect(desk.reader.status().error).toBe('ID_CARD_SUSPECT');
    const tries = (): number => desk.real.requests.filter((request) => request === '30 01').length;
    const before = tries();
    await desk.clock.until(() => tries() > before, 5000);
    desk.real.cards.lift();
    await desk.clock.advance(4000);
    expect(phase(desk)).toBe('error:ID_CARD_SUSPECT');
    await desk.clock.advance(8000);
    expect(phase(desk)).toBe('waiting');
  });
});

describe('trouble between card and reader', () => {
  it.each([0x41, 0x31, 0x47, 0x24, 0x81])('status %i once is tried again without a word', async (status) => {
    const desk = await waiting();
    desk.real.faults.add({ on: status === 0x81 ? 'select' : 'read', status });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 3000);
    expect(desk.phases()).toEqual(['reading', 'read']);
  });

  it('a damaged answer is asked for once more', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'read', damage: 'checksum' });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    expect(desk.real.requests.filter((request) => request === '30 01')).toHaveLength(2);
    expect(desk.reads[0]!.document).toEqual(demoDocument('jia'));
  });

  it.each(['checksum', 'length', 'half', 'envelope'] as const)(
    'an answer damaged twice (%s) makes the reader drop the field and start over, and the card is read',
    async (damage) => {
      const desk = await waiting();
      desk.real.faults.add({ on: 'read', damage, times: 2 });
      desk.real.cards.place('jia');
      await desk.clock.until(() => desk.reads.length === 1, 8000);
      expect(desk.real.requests).toContain('fa 11');
      expect(desk.reads[0]!.document).toEqual(demoDocument('jia'));
    },
  );

  it('a card whose answers stay damaged is an error in words and is read later', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'read', damage: 'checksum', times: 20 });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reader.status().phase === 'error', 8000);
    expect(desk.reader.status().error).toBe('ID_CARD_BAD_FRAME');
    desk.real.faults.clear();
    desk.real.cards.lift();
    await desk.clock.advance(1500);
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 3000);
  });

  it('a card that could not be read keeps its error as long as it lies there', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'read', damage: 'checksum', times: Infinity });
    desk.real.cards.place('jia');
    await desk.clock.advance(60_000);
    expect(desk.phases()).toEqual(['reading', 'error:ID_CARD_BAD_FRAME']);
    desk.real.cards.lift();
    await desk.clock.advance(1000);
    expect(phase(desk)).toBe('waiting');
  });

  it('stray bytes around the answers do no harm', async () => {
    const desk = await waiting();
    const stray = Uint8Array.of(0, 1, 0xaa, 0xaa, 0x96, 0x69, 0xff, 0xaa);
    desk.real.faults.add({ on: 'any', stray, times: Infinity });
    desk.real.cards.place('rare');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    expect(desk.reads[0]!.document.name).toBe('演示𠮷䶮㼆');
  });

  it('a false frame beginning before the answer costs the silence, not the card', async () => {
    const desk = await waiting();
    const stray = Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69, 0x0f, 0x00);
    desk.real.faults.add({ on: 'read', stray });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1500);
  });

  it('answers in many small pieces are put together', async () => {
    const desk = await waiting({ real: { slice: 5 } });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
  });

  it('a command the SAM did not understand is sent once more', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'select', status: 0x10 });
    desk.real.faults.add({ on: 'read', status: 0x11 });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    expect(desk.real.requests.filter((request) => request === '20 02')).toHaveLength(2);
  });

  it('an answer that comes too late is not taken for the next one', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'read', lateMs: 5200 });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 10_000);
    expect(desk.reads[0]!.document).toEqual(demoDocument('jia'));
    await desk.clock.advance(10_000);
    expect(desk.reads).toHaveLength(1);
  });

  it('a card that is no identity document is named, stays named while it lies there, and goes with it', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'read', status: 0x40, times: Infinity });
    desk.real.cards.place('jia');
    await desk.clock.advance(30_000);
    expect(desk.phases()).toEqual(['reading', 'error:ID_CARD_UNKNOWN_TYPE']);
    desk.real.cards.lift();
    await desk.clock.advance(10_000);
    expect(phase(desk)).toBe('waiting');
  });

  it.each([0x32, 0x33])('a card the reader does not trust (%i) is named', async (status) => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'read', status, times: Infinity });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reader.status().phase === 'error', 3000);
    expect(desk.reader.status().error).toBe('ID_CARD_SUSPECT');
  });

  it('a document of an unknown letter is delivered with its text', async () => {
    const desk = await waiting({ real: { cards: [unknownCard()] } });
    desk.real.cards.place('unknown');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    expect(desk.reads[0]!.document).toMatchObject({ type: 'unknown', typeCode: 'K' });
    expect(desk.reads[0]!.document.rawText).toContain('测试丁');
  });
});
