/** Types of short items (HID 1.11, 6.2.2): tag and type without the size bits. */
const USAGE_PAGE = 0x04;
const USAGE = 0x08;
const COLLECTION = 0xa0;
const END_COLLECTION = 0xc0;
const LONG_ITEM = 0xfe;

/**
 * The usage page and usage of every top-level collection in a HID report descriptor: what tells a keyboard
 * from a card reader. Never throws; a cut descriptor gives what was read up to there.
 */
export function topUsages(descriptor: Uint8Array): { usagePage: number; usage: number }[] {
  const found: { usagePage: number; usage: number }[] = [];
  let usagePage = 0;
  let usage = 0;
  let depth = 0;
  for (let at = 0; at < descriptor.length;) {
    const head = descriptor[at] ?? 0;
    if (head === LONG_ITEM) {
      at += 3 + (descriptor[at + 1] ?? 0);
      continue;
    }
    const size = [0, 1, 2, 4][head & 0x03] ?? 0;
    let value = 0;
    for (let i = size; i >= 1; i--) value = value * 256 + (descriptor[at + i] ?? 0);
    switch (head & 0xfc) {
      case USAGE_PAGE:
        usagePage = value;
        break;
      case USAGE:
        // Four bytes carry the page, too.
        if (depth === 0) usage = value;
        break;
      case COLLECTION:
        if (depth === 0) {
          found.push(
            usage > 0xffff
              ? { usagePage: Math.floor(usage / 0x10000), usage: usage % 0x10000 }
              : { usagePage, usage },
          );
        }
        depth += 1;
        break;
      case END_COLLECTION:
        depth -= 1;
        usage = 0;
        break;
    }
    at += 1 + size;
  }
  return found;
}
