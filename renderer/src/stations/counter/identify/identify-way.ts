/** The ways to identify a person when no card is read: by hand, by a picture of the document, by a scanner. */
export const IDENTIFY_WAYS = ['typed', 'camera', 'scan'] as const;
export type IdentifyWay = (typeof IDENTIFY_WAYS)[number];

/** The key of each way: it opens the place from anywhere on the counter, and changes the way inside it. */
export const WAY_KEYS: Record<IdentifyWay, string> = { typed: 'Alt+M', camera: 'Alt+X', scan: 'Alt+S' };
