// Mistakes put into the driver on purpose, so that the soak shows that it would find them.
const CODEC = 'electron/core/id-card/sam-frame.ts';

export const PLANTS = {
  // The check byte of a frame is not looked at.
  checksum: {
    file: CODEC,
    find: 'folded[at + PREAMBLE.length] !== folded[body + length]',
    replace: 'length < 0',
  },
  // Behind a frame that does not hold, everything it claimed is thrown away.
  resync: {
    file: CODEC,
    find: "parts.push({ kind: 'bad', reason: 'checksum' });\n        at += 1;",
    replace: "parts.push({ kind: 'bad', reason: 'checksum' });\n        at = body + length;",
  },
  // A whole frame behind one that never ends is not looked for.
  'give-up': {
    file: CODEC,
    find: "parts.push({ kind: 'bad', reason: 'incomplete' });\n        at += 1;",
    replace: "parts.push({ kind: 'bad', reason: 'incomplete' });\n        at = end;",
  },
  // The end of what is kept is off by one when it is moved to the front.
  move: {
    file: CODEC,
    find: 'folded.copyWithin(0, start, end + 1);',
    replace: 'folded.copyWithin(0, start, end);',
  },
  // The sum of a report is not looked at.
  'report-sum': {
    file: 'electron/core/id-card/carriers/miaxis.ts',
    find: 'sumOf(report, 3, sumAt) !== word(report, sumAt)',
    replace: 'sumAt < 0',
  },
  // A damaged answer is waited for for ever.
  silence: {
    file: 'electron/core/id-card/exchange.ts',
    find: 'const cancelLimit = clock.after(command.limitMs, () => {',
    replace: 'const cancelLimit = clock.after(command.limitMs * 1000, () => {',
  },
};
