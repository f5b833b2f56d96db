/** What a HID report descriptor (HID 1.11, 6.2.2) says about the reports of a device: what a reader profile needs. */
export interface DescribedReports {
  /** Usage of every top-level collection; page 1 with usage 2 or 6 is a mouse or keyboard. */
  usages: { usagePage: number; usage: number }[];
  /** Bytes of each report without its id byte; id 0 where the device numbers none. */
  reports: { id: number; input: number; output: number; feature: number }[];
}

/** Tag and type of short items, without the size bits. */
const ITEM = {
  input: 0x80,
  output: 0x90,
  collection: 0xa0,
  feature: 0xb0,
  endCollection: 0xc0,
  usagePage: 0x04,
  reportSize: 0x74,
  reportId: 0x84,
  reportCount: 0x94,
  push: 0xa4,
  pop: 0xb4,
  usage: 0x08,
} as const;
const LONG_ITEM = 0xfe;

interface Globals {
  usagePage: number;
  size: number;
  count: number;
  id: number;
}

/** Never throws; a cut descriptor gives what was read up to there. */
export function describeReports(descriptor: Uint8Array): DescribedReports {
  const usages: DescribedReports['usages'] = [];
  const bits = new Map<number, { input: number; output: number; feature: number }>();
  let globals: Globals = { usagePage: 0, size: 0, count: 0, id: 0 };
  const pushed: Globals[] = [];
  let usage = 0;
  let depth = 0;

  const add = (kind: 'input' | 'output' | 'feature'): void => {
    const sums = bits.get(globals.id) ?? { input: 0, output: 0, feature: 0 };
    sums[kind] += globals.size * globals.count;
    bits.set(globals.id, sums);
    usage = 0;
  };

  for (const { item, value, size } of itemsOf(descriptor)) {
    switch (item) {
      case ITEM.usagePage:
        globals.usagePage = value;
        break;
      case ITEM.reportSize:
        globals.size = value;
        break;
      case ITEM.reportId:
        globals.id = value;
        break;
      case ITEM.reportCount:
        globals.count = value;
        break;
      case ITEM.push:
        pushed.push({ ...globals });
        break;
      case ITEM.pop:
        globals = pushed.pop() ?? globals;
        break;
      case ITEM.usage:
        // Four bytes carry the page, too. The first usage names the collection.
        if (usage === 0) usage = size === 4 ? value : globals.usagePage * 0x10000 + value;
        break;
      case ITEM.collection:
        if (depth === 0)
          usages.push({
            usagePage: Math.floor(usage / 0x10000) || globals.usagePage,
            usage: usage % 0x10000,
          });
        depth += 1;
        usage = 0;
        break;
      case ITEM.endCollection:
        depth -= 1;
        break;
      case ITEM.input:
        add('input');
        break;
      case ITEM.output:
        add('output');
        break;
      case ITEM.feature:
        add('feature');
        break;
    }
  }
  const bytes = (count: number): number => Math.ceil(count / 8);
  return {
    usages,
    reports: [...bits].map(([id, { input, output, feature }]) => ({
      id,
      input: bytes(input),
      output: bytes(output),
      feature: bytes(feature),
    })),
  };
}

function* itemsOf(descriptor: Uint8Array): Generator<{ item: number; value: number; size: number }> {
  for (let at = 0; at < descriptor.length;) {
    const head = descriptor[at] ?? 0;
    if (head === LONG_ITEM) {
      at += 3 + (descriptor[at + 1] ?? 0);
      continue;
    }
    const size = [0, 1, 2, 4][head & 0x03] ?? 0;
    if (at + size >= descriptor.length) return;
    let value = 0;
    for (let i = size; i >= 1; i--) value = value * 256 + (descriptor[at + i] ?? 0);
    yield { item: head & 0xfc, value, size };
    at += 1 + size;
  }
}
