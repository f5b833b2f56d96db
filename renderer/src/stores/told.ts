const KEY = 'zongchuang-told';
/** Older news is not told again by chance: by then its conflict has left the list. */
const MOST = 300;

/** What has been told at this desk, kept over restarts. Holds hashes only. */
export function createTold(): { has(mark: string): boolean; add(mark: string): void } {
  let marks = read();
  return {
    has: (mark) => marks.includes(mark),
    add(mark) {
      if (marks.includes(mark)) return;
      marks = [...marks, mark].slice(-MOST);
      try {
        localStorage.setItem(KEY, JSON.stringify(marks));
      } catch {
        // A full store: it is told once more after the next start, which harms nobody.
      }
    },
  };
}

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((mark) => typeof mark === 'string') : [];
  } catch {
    return [];
  }
}
