import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoPerson } from '../../../fixtures/cards.ts';

/** What the libraries of tests/fixtures/native are told through files in their folder. */
export interface ReaderScript {
  /** The reader is plugged in on this port, or unplugged. */
  plug: (port: number | null) => void;
  /** Lays one of the invented people's cards on the reader. */
  place: (person: string) => void;
  lift: () => void;
  /** See the sources of the libraries. */
  fault: (...lines: string[]) => void;
  /** The calls so far. */
  calls: () => string[];
}

export function readerScript(folder: string): ReaderScript {
  const file = (name: string): string => join(folder, name);
  /** Whole or not at all: the library may look at any moment. */
  const put = (name: string, content: string | Uint8Array): void => {
    writeFileSync(file(`${name}.new`), content);
    renameSync(file(`${name}.new`), file(name));
  };
  const take = (name: string): void => rmSync(file(name), { force: true });
  let laid = 0;
  return {
    plug: (port) => (port === null ? take('port') : put('port', String(port))),
    place(person) {
      const card = demoPerson(person);
      take('address');
      if (card.appended) put('address', card.appended);
      laid = (laid + 1) % 256;
      put('card', Uint8Array.of(laid, ...card.text, ...card.photo, ...card.fingerprint));
    },
    lift: () => take('card'),
    fault: (...lines) => (lines.length === 0 ? take('fault') : put('fault', `${lines.join('\n')}\n`)),
    calls() {
      try {
        return readFileSync(file('calls'), 'utf8').trim().split('\n');
      } catch {
        return [];
      }
    },
  };
}
