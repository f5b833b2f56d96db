/** A test read waits for a card no longer than this, milliseconds. Apart from the schemas, which the window does not carry. */
export const TEST_READ_LIMIT_MS = 30_000;
