/** Gives the lead back. */
export type ReleaseLead = () => void;

/**
 * One window leads: it alone saves and syncs (C7). Web Locks end with the page, so a killed window never keeps
 * the lead. Waits briefly, because a reloaded page asks before its predecessor has let go.
 * @param waitMs longest wait in milliseconds
 * @returns null when another window leads
 */
export async function takeLead(waitMs = 3000): Promise<ReleaseLead | null> {
  const giveUp = AbortSignal.timeout(waitMs);
  return new Promise((resolve) => {
    navigator.locks
      .request('zongchuang-lead', { signal: giveUp }, () => {
        return new Promise<void>((release) => resolve(release));
      })
      .catch(() => resolve(null));
  });
}
