/** What a process that started this one as its child hears. */
export type Word = { type: 'ready'; url: string; code?: string } | { type: 'failed'; sentence: string };

const TELL_LIMIT_MS = 1_000;

/** The program that started the server over an IPC channel, if there is one. */
export function createParent(): {
  /** Resolves when the word has left, or when nobody is there to hear it. */
  tell(word: Word): Promise<void>;
  onGone(run: () => void): void;
} {
  return {
    tell(word) {
      return new Promise((resolve) => {
        if (!process.send || !process.connected) {
          resolve();
          return;
        }
        const limit = setTimeout(resolve, TELL_LIMIT_MS);
        process.send(word, undefined, undefined, () => {
          clearTimeout(limit);
          resolve();
        });
      });
    },
    onGone(run) {
      if (!process.send) return;
      process.on('disconnect', run);
      // It may have died before anybody listened.
      if (!process.connected) run();
    },
  };
}
