import type { ConflictView, EventView } from '../db/sync-views.ts';

/** Something a clerk recorded that does not count, and has to be told of once. */
export interface Loss {
  view: ConflictView;
  /** `open`: undecided, the other counts meanwhile; `decided`: somebody decided for the other. */
  kind: 'open' | 'decided';
  /** null: nothing counts in its place. */
  winner: EventView | null;
  /** The same for the same news, so that it is told once. */
  mark: string;
}

/**
 * Whether this desk recorded what does not count. By the device, because a clerk id may be the same everywhere until
 * clerks sign in; and by the clerk, who may sit at another window by now.
 * @param self `clerk` '' when nobody signed in
 */
export function lossOf(view: ConflictView, self: { dev: string; clerk: string }): Loss | null {
  const choice = view.decision?.choice ?? 'first';
  const [winner, loser] = choice === 'first' ? [view.theirs, view.mine] : [view.mine, view.theirs];
  if (loser === null) return null;
  const isMine = loser.dev === self.dev || (self.clerk !== '' && loser.user === self.clerk);
  // Recorded twice by one desk: its clerk has both before the eyes.
  if (!isMine || winner?.dev === loser.dev) return null;
  if (view.state === 'open') return { view, kind: 'open', winner, mark: `${view.id}:open` };
  return { view, kind: 'decided', winner, mark: `${view.id}:${view.decision?.at ?? ''}` };
}
