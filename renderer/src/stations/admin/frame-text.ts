import type { FrameEntry } from '../../../../shared/contract/reader.ts';

const digits = (n: number, length: number): string => String(n).padStart(length, '0');

/** @returns `HH:MM:SS.mmm` in the machine's own time zone */
export function frameTime(ms: number): string {
  const at = new Date(ms);
  return `${digits(at.getHours(), 2)}:${digits(at.getMinutes(), 2)}:${digits(at.getSeconds(), 2)}.${digits(at.getMilliseconds(), 3)}`;
}

/** One frame as a line of text, in English: it goes to support, wherever that is. */
export function frameLine({
  at,
  direction,
  command,
  status,
  meaning,
  bytes,
  tookMs,
  times,
  hex,
}: FrameEntry): string {
  const parts = [frameTime(at), direction === 'out' ? '->' : '<-', command];
  if (status !== '') parts.push(status);
  if (meaning !== '') parts.push(`(${meaning})`);
  if (times > 1) parts.push(`x${times}`);
  if (direction === 'in') parts.push(`${bytes} bytes`, `${tookMs} ms`);
  parts.push(hex);
  return parts.join(' ').trimEnd();
}

/** The log for a ticket: what it was made with, then the frames. Nothing of a person is in it. */
export function logText(
  frames: readonly FrameEntry[],
  about: { version: string; reader: string; profile: string; phase: string; error: string },
): string {
  const { version, reader, profile, phase, error } = about;
  return [
    `zongchuang ${version} · ${new Date().toISOString()}`,
    `reader: ${reader === '' ? 'none' : reader} · profile: ${profile === '' ? '-' : profile} · ${phase}${error === '' ? '' : ` ${error}`}`,
    '',
    ...frames.map(frameLine),
    '',
  ].join('\n');
}
