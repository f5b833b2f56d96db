/** Most checkpoints of the hall's stream a device keeps. Apart from the schemas, which the window does not carry. */
export const MAX_CHECKPOINTS = 32;
