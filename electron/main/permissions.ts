import type { Session } from 'electron';
import { isWindowAddress } from './window-address.ts';

/**
 * What the page may ask of the system; whatever is not here is refused. Card readers and printers are the core's, so
 * no device permission is ever given to a page, and neither is the network of the hall.
 */
const GRANTED: ReadonlySet<string> = new Set([
  'persistent-storage', // the window's store must not be evicted
  'clipboard-sanitized-write', // copying a case number
  'fullscreen', // the hall's display and the citizen's screen
]);

/**
 * @param asker address or origin of the page that asks
 * @param media what of it is asked for, where the permission is `media`: a camera sees documents (拍照识别), and nothing
 *   here ever listens
 */
export function mayHave(permission: string, asker: string, media: readonly string[] = []): boolean {
  const isCamera = permission === 'media' && media.length > 0 && media.every((kind) => kind === 'video');
  return (isCamera || GRANTED.has(permission)) && isWindowAddress(asker);
}

/** All three doors: a check that is answered and a request that is asked are different handlers, devices a third. */
export function guardPermissions(
  session: Pick<
    Session,
    'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
  >,
): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const media = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    answer(mayHave(permission, details.requestingUrl, media));
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, { mediaType }) =>
    mayHave(permission, requestingOrigin, mediaType === undefined ? [] : [mediaType]),
  );
  session.setDevicePermissionHandler(() => false);
}
