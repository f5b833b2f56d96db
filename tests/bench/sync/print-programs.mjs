/** One line a program: documents a second, bytes on the wire, processor, memory, and how much faster the first one is. */
export function printPrograms({ name, docs, programs }) {
  console.log(name);
  const [ours] = programs;
  for (const each of programs) {
    const rate = Math.round((docs / each.ms) * 1000);
    const ratio = each === ours ? '' : `, ours is ${(each.ms / ours.ms).toFixed(1)}× as fast`;
    console.log(
      `    ${each.name}: ${(each.ms / 1000).toFixed(2)} s, ${rate}/s, ${(each.bytes / 1e6).toFixed(1)} MB, ` +
        `${each.cpuSeconds.toFixed(1)} CPU s, peak ${Math.round(each.peakMb)} MB${ratio}`,
    );
  }
}
