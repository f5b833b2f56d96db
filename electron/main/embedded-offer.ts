import type { EnrolmentOffer } from '../core/boot/first-enrolment.ts';

/** The parent's side of the process, when the launcher started this one and keeps a channel open. */
export interface LauncherChannel {
  connected: boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

/**
 * Waits for the launcher to say where the server is that it started beside this program. It says so once, when the
 * server is up, and null when it could not be started; without a launcher nobody will say anything.
 */
export function receiveOffer(channel: LauncherChannel): Promise<EnrolmentOffer | null> {
  if (!channel.connected) return Promise.resolve(null);
  return new Promise((resolve) => {
    channel.on('message', (message) => {
      const said = message as { type?: unknown; offer?: EnrolmentOffer | null } | null;
      if (said?.type === 'offer') resolve(said.offer ?? null);
    });
    channel.on('disconnect', () => resolve(null));
  });
}
