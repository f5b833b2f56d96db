import { CodedError } from '../../../shared/contract/errors.ts';
import type { Draft, EventBytes, Head } from '../../../shared/contract/journal.ts';
import type { KeptEvent } from '../../../shared/sync/event.ts';
import { hashText } from '../../../shared/sync/hash.ts';
import { authorCommand } from './authoring.ts';
import type { Book } from './book.ts';
import type { Ledger, RecordPlace } from './ledger.ts';
import { commandKey } from './record.ts';
import type { Turns } from '../../../shared/sync/turns.ts';

export interface Appended {
  events: EventBytes[];
  head: Head;
}

interface Waiting {
  cmd: string;
  drafts: Draft[];
  resolve(answer: Appended): void;
  reject(error: unknown): void;
}

/** Most commands that share one write and one flush. */
const GROUP = 64;

/**
 * Lets appends that wait at the same moment share one flush. Each is still all or nothing, and none resolves
 * before its own record is durable.
 */
export function createAppendQueue(ports: {
  book: Book;
  ledger: Ledger;
  /** Events of a record, read back. */
  eventsAt: (place: RecordPlace) => Promise<string[]>;
  turns: Turns;
}): { append(input: { cmd: string; drafts: Draft[] }): Promise<Appended>; close(): void } {
  const { book, ledger, turns } = ports;
  const waiting: Waiting[] = [];
  let closed = false;

  async function repeated(place: RecordPlace): Promise<Appended> {
    const texts = await ports.eventsAt(place);
    return { events: texts.map((bytes) => ({ bytes, hash: hashText(bytes) })), head: book.head() };
  }

  /** Answers what was done before, makes events for what is new, and writes all of it at once. */
  async function commitGroup(): Promise<void> {
    const group = waiting.splice(0, GROUP);
    const made: { cmd: string; events: KeptEvent[] }[] = [];
    const asked = new Map<string, Waiting[]>();
    for (const request of group) {
      try {
        const twins = asked.get(request.cmd);
        const before = ledger.command(commandKey(request.cmd));
        if (twins) twins.push(request);
        else if (before) request.resolve(await repeated(before.place));
        else {
          const last = made.at(-1)?.events.at(-1);
          const after = last ? { seq: last.event.seq, hash: last.hash } : book.end();
          made.push({
            cmd: request.cmd,
            events: authorCommand(request.cmd, request.drafts, book.author(), after, book.now()),
          });
          asked.set(request.cmd, [request]);
        }
      } catch (error) {
        request.reject(error);
      }
    }
    if (made.length === 0) return;
    try {
      await book.record(made);
    } catch (error) {
      for (const { cmd } of made) asked.get(cmd)?.forEach((request) => request.reject(error));
      return;
    }
    for (const { cmd, events } of made) {
      const answer: Appended = {
        events: events.map(({ bytes, hash }) => ({ bytes, hash })),
        head: book.head(),
      };
      asked.get(cmd)?.forEach((request) => request.resolve(answer));
    }
  }

  return {
    append({ cmd, drafts }) {
      if (closed) return Promise.reject(new CodedError('JOURNAL_LOCKED', 'closed'));
      return new Promise((resolve, reject) => {
        waiting.push({ cmd, drafts, resolve, reject });
        // One turn for each request; a turn that finds its request already written has nothing to do.
        turns.take(commitGroup).catch(reject);
      });
    },
    close() {
      closed = true;
    },
  };
}
