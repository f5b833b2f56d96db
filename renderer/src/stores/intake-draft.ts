import type { Intake } from '../../../shared/domain/case/intake.ts';
import type { HallDb } from '../db/hall-db.ts';

/**
 * Keeps the open case on the medium. Writes follow each other and only the newest one waits, so that fast typing
 * costs one write at a time and the last word is always the one kept.
 * @param onError told when a write failed; the next change tries again
 */
export function createDraftKeeper(
  db: Pick<HallDb, 'writeDraft'>,
  onError: (error: unknown) => void,
): { keep(intake: Intake | null): void; settled(): Promise<void> } {
  let waiting: { intake: Intake | null } | null = null;
  let writing: Promise<void> | null = null;

  async function writeAll(): Promise<void> {
    while (waiting) {
      const { intake } = waiting;
      waiting = null;
      // Not in the turn of the key press: the screen is painted first.
      await new Promise((resolve) => setTimeout(resolve, 0));
      await db.writeDraft(intake).catch(onError);
    }
    writing = null;
  }

  return {
    keep(intake) {
      waiting = { intake };
      writing ??= writeAll();
    },
    async settled() {
      await writing;
    },
  };
}
