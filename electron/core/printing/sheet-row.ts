import { sheetSchema, type Sheet } from '../../../shared/contract/print.ts';

const { createdAt: number, key: text } = sheetSchema.shape;

/** A sheet as the spool's journal keeps it: what the window sees, and what is needed to send it. */
export const sheetRowSchema = sheetSchema.extend({
  /** Lengths of the bands the payload is sent in. In a reprint the first is the mark (补打). */
  bands: number.array(),
  /** Width of the paper the payload was made for. */
  dots: number,
  /** When it last joined the queue; a ticket expires from here. Milliseconds since 1970. */
  queuedAt: number,
  /** Who answered for it (票出来了吗), for the audit. */
  clerk: text.optional(),
});
export type SheetRow = Omit<Sheet, 'error'> & {
  error?: string | undefined;
  bands: number[];
  dots: number;
  queuedAt: number;
  clerk?: string | undefined;
};

export function toSheet(row: SheetRow): Sheet {
  const { key, kind, title, state, error, copyNo, printer, createdAt, changedAt, payloadHash } = row;
  const sheet = { key, kind, title, state, copyNo, printer, createdAt, changedAt, payloadHash };
  return error === undefined ? sheet : { ...sheet, error };
}

/** The name of the job at the printer and of the virtual printer's paper; nothing about a person is in it. */
export const jobName = (row: { kind: string; payloadHash: string }): string =>
  `${row.kind.replace(/[^a-z-]/gu, '') || 'sheet'}-${row.payloadHash.slice(0, 12)}`;

/** `<agg>:<kind>:<copy>` taken apart. */
export function splitKey(key: string): { stem: string; copyNo: number } {
  const cut = key.lastIndexOf(':');
  return { stem: key.slice(0, cut), copyNo: Number(key.slice(cut + 1)) };
}
