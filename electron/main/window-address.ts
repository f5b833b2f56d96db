/** The window's scheme and host. They never change: the window's store belongs to them. */
export const WINDOW_SCHEME = 'app';
export const WINDOW_HOST = 'counter';
/** What the main window loads. */
export const WINDOW_ADDRESS = `${WINDOW_SCHEME}://${WINDOW_HOST}/`;

/**
 * Whether an address is our own window's. Parsed, never compared by its beginning: `app://counter.evil/` begins alike.
 * Node calls the origin of such a URL "null", so scheme and host are looked at instead.
 */
export function isWindowAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, port, username, password } = new URL(address);
  return (
    protocol === `${WINDOW_SCHEME}:` &&
    hostname === WINDOW_HOST &&
    port === '' &&
    username === '' &&
    password === ''
  );
}
