/** Addresses of the places of work that others lead to. */
export const READERS_PLACE = '#/admin/readers';
export const SYNC_PLACE = '#/admin/sync';
export const CONFLICTS_PLACE = '#/admin/conflicts';

/** Goes there. By the address alone, so that who leads somewhere need not know who shows it. */
export function goTo(place: string): void {
  window.location.hash = place;
}
