import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Events } from '../../shared/contract/index.ts';
import type { EventName } from '../../shared/contract/names.ts';
import { CALL_TIME_LIMIT_MS, type Reply } from '../../shared/contract/wire.ts';
import type { Core } from '../../electron/core/core.ts';
import type { LogPort } from '../../electron/core/ports/log.ts';
import { fakeCore, SECRET_IN_MESSAGE } from '../fixtures/fake-core.ts';

/** One way from a page to the core, both ends of it. */
export interface Transport {
  call(name: string, input: unknown): Promise<Reply>;
  onEvent(listener: (name: EventName, payload: unknown) => void): void;
  close(): Promise<void>;
}

/**
 * What must hold over every transport. The window cannot tell which one it has.
 * @param open makes the transport around a core
 */
export function contractSuite(name: string, open: (core: Core, log: LogPort) => Promise<Transport>): void {
  describe(`the contract over ${name}`, () => {
    let fake: ReturnType<typeof fakeCore>;
    let transport: Transport;
    let logged: { area: string; text: string; data: unknown }[];

    beforeEach(async () => {
      fake = fakeCore();
      logged = [];
      transport = await open(fake.core, {
        write: (_level, area, text, data) => void logged.push({ area, text, data }),
      });
    });
    afterEach(async () => {
      vi.useRealTimers();
      await transport.close();
      expect(fake.listeners(), 'subscriptions left open').toBe(0);
    });

    it('carries a known call there and its answer back', async () => {
      const reply = await transport.call('journal.read', { inc: null, after: 7, limit: 10 });
      expect(reply).toEqual({
        ok: true,
        value: { events: [{ bytes: '{"名":"第7件"}', hash: 'h'.repeat(64) }], more: false },
      });
      expect(fake.received).toEqual([{ name: 'journal.read', input: { inc: null, after: 7, limit: 10 } }]);
    });

    it('carries a picture of paper', async () => {
      const reply = await transport.call('print.preview', { key: 'case/1:slip:1' });
      expect(reply.ok && (reply.value as { png: string }).png.length).toBe(1_500_000);
    });

    it('carries the largest bitmap the contract allows', async () => {
      const bitmap = { width: 576, height: 6000, data: 'A'.repeat(1_000_000) };
      const reply = await transport.call('print.submit', {
        key: 'case/1:slip:1',
        kind: 'slip',
        title: 't',
        bitmap,
      });
      expect(reply.ok).toBe(true);
    });

    it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'card.nothing', '', 'rpc'])(
      'knows no method called %j',
      async (method) => {
        const reply = await transport.call(method, {});
        expect(reply).toMatchObject({ ok: false, error: { code: 'WIRE_UNKNOWN_METHOD' } });
        expect(fake.received).toEqual([]);
      },
    );

    it('refuses a bad input before the handler, naming the field and not its content', async () => {
      const reply = await transport.call('journal.read', { inc: null, after: SECRET_IN_MESSAGE, limit: 10 });
      expect(reply).toEqual({ ok: false, error: { code: 'WIRE_BAD_INPUT', detail: 'journal.read: after' } });
      expect(fake.received).toEqual([]);
    });

    it('leaves out of the input what the contract does not know', async () => {
      await transport.call('card.liftDemo', { extra: 1 });
      expect(fake.received).toEqual([{ name: 'card.liftDemo', input: {} }]);
    });

    it('carries an expected failure as its code', async () => {
      const reply = await transport.call('card.placeDemo', { id: 'card-1' });
      expect(reply).toEqual({
        ok: false,
        error: { code: 'ID_CARD_DEMO_ONLY', detail: 'a real reader is chosen' },
      });
      expect(logged).toEqual([]);
    });

    it.each([
      ['card.liftDemo', {}],
      ['app.report', { where: 'w', message: 'm' }],
    ])(
      'says INTERNAL for an unexpected failure of %s, keeps its words back and logs it',
      async (method, input) => {
        const reply = await transport.call(method, input);
        expect(reply).toEqual({ ok: false, error: { code: 'INTERNAL' } });
        expect(JSON.stringify(reply)).not.toContain(SECRET_IN_MESSAGE);
        expect(logged).toEqual([
          expect.objectContaining({ text: expect.stringContaining(method) as string }),
        ]);
      },
    );

    it('gives up a call whose handler never answers', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const reply = transport.call('central.status', {});
      await vi.waitUntil(() => fake.received.length === 1, { timeout: 2_000, interval: 5 });
      await vi.advanceTimersByTimeAsync(CALL_TIME_LIMIT_MS + 1);
      expect(await reply).toMatchObject({ ok: false, error: { code: 'WIRE_TIMEOUT' } });
    });

    it('answers many calls at once, each to its own caller', async () => {
      const replies = await Promise.all(
        Array.from({ length: 100 }, (_, after) =>
          transport.call('journal.read', { inc: null, after, limit: 1 }),
        ),
      );
      expect(
        replies.map((reply) =>
          reply.ok ? (reply.value as { events: { bytes: string }[] }).events[0]?.bytes : '',
        ),
      ).toEqual(replies.map((_, after) => `{"名":"第${after}件"}`));
    });

    it('tells events, in order', async () => {
      const heard: unknown[] = [];
      transport.onEvent((event, payload) => heard.push([event, payload]));
      const state: Events['card.state'] = { phase: 'waiting', reader: null, since: 1 };
      fake.emit('card.state', state);
      fake.emit('central.hint', { head: 12 });
      await vi.waitUntil(() => heard.length === 2);
      expect(heard).toEqual([
        ['card.state', state],
        ['central.hint', { head: 12 }],
      ]);
    });
  });
}
