import type { Scenario } from '../lab.ts';
import { mustEqual } from './read-cards.ts';
import { pullCable } from './pull-cable.ts';

/** The clerk at the seat, whom /run/systemd/seats/seat0 names, and somebody else on the same machine. */
const CLERK = { uid: 1000, gid: 1000 };
const STRANGER = { uid: 1001, gid: 1001 };

/**
 * With the shipped udev rule and the running systemd-udevd the clerk reads cards without being root, also after
 * the cable was pulled (the new device file needs its rights again); nobody else may open the reader.
 */
export const users: Scenario = {
  name: 'usb-not-root',
  limitMs: 90_000,
  async run(lab) {
    const reader = lab.hidReader('usb', 'miaxis');
    const seen = await pullCable(lab, reader, 24, { user: CLERK });
    const stranger = lab.driver({ user: STRANGER });
    const refused = await stranger.until('being refused', ({ error }) => error !== undefined);
    mustEqual('error', refused.error, 'ID_CARD_NO_PERMISSION');
    mustEqual('cards told to a stranger', stranger.reads.length, 0);
    return `clerk: ${seen}; another user: ${refused.error ?? ''}`;
  },
};
