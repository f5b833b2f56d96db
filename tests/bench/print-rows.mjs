import { printPrograms } from './sync/print-programs.mjs';

/** Prints rows of figures, each beside what a user would have instead where there is such a thing. */
export function printRows(rows) {
  for (const row of rows) {
    const { name, unit, target, ours, beside, skipped } = row;
    if (row.programs) {
      printPrograms(row);
      continue;
    }
    if (skipped) {
      console.log(`${name}\n    skipped  ${skipped}`);
      continue;
    }
    const goal = target === null ? '' : `   (goal ≤ ${target})`;
    console.log(
      `${name}\n    ours     median ${ours.median} ${unit}, p95 ${ours.p95} ${unit}, ${ours.runs} runs${goal}`,
    );
    if (beside) {
      const ratio = (ours.median / beside.median).toFixed(2);
      console.log(
        `    beside   median ${beside.median} ${unit}, p95 ${beside.p95} ${unit} — ${beside.name}\n    ratio    ${ratio}`,
      );
    }
  }
}
