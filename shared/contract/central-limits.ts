// Apart from the schemas, which the window does not carry.

/** Most checkpoints of the hall's stream a device keeps. */
export const MAX_CHECKPOINTS = 32;

/** Longest a window waits for the answer to a command, milliseconds; then it goes on with the fact and says so. */
export const COMMAND_LIMIT_MS = 1_000;
