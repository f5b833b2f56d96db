import type { EnrolmentOffer } from '../core/boot/first-enrolment.ts';

/** The parent's side of the process, when the launcher started this one and keeps a channel open. */
export interface LauncherChannel {
  connected: boolean;
  send?(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

/**
 * Has the launcher start the server that belongs to this program: only now, because only now is the profile ours. It
 * answers once, when the server is up, or with null when it could not be started or another server is used; without a
 * launcher nobody would answer.
 */
export function askForServer(channel: LauncherChannel): Promise<EnrolmentOffer | null> {
  if (!channel.connected) return Promise.resolve(null);
  return new Promise((resolve) => {
    channel.on('message', (message) => {
      const said = message as { type?: unknown; offer?: EnrolmentOffer | null } | null;
      if (said?.type === 'offer') resolve(said.offer ?? null);
    });
    channel.on('disconnect', () => resolve(null));
    channel.send?.({ type: 'start-server' });
  });
}
