/**
 * Asks the browser not to evict this origin's store when the disk runs short. A refusal is not an error: the
 * store can always be rebuilt from the journal.
 */
export async function keepStorage(): Promise<boolean> {
  return navigator.storage.persist().catch(() => false);
}
