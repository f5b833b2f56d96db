/** Addresses of the places of work that others lead to. */
export const READERS_PLACE = '#/admin/readers';

/** Goes there. By the address alone, so that who leads somewhere need not know who shows it. */
export function goTo(place: string): void {
  window.location.hash = place;
}
