import { createHash } from 'node:crypto';
import { findRecord, MARKER, RECORD_PREFIX, type RecordHead } from './record.ts';

/**
 * A segment file begins with 128 bytes: magic (8; its line break shows a transfer in text mode), version u32,
 * segment number u32, device (26), incarnation (32), zeros, SHA-256 of the first 96 bytes. Records follow.
 */
export const SEGMENT_HEADER = 128;
const MAGIC = 'ZCJRNL\r\n';
const VERSION = 1;

export interface SegmentHeader {
  no: number;
  dev: string;
  inc: string;
}

export const segmentName = (no: number): string => `seg-${String(no).padStart(6, '0')}.zcj`;

/** @returns the number in a segment's file name, or null when the name is not one */
export function segmentNumber(name: string): number | null {
  const digits = /^seg-(\d{6,})\.zcj$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

export function segmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32BE(VERSION, 8);
  bytes.writeUInt32BE(header.no, 12);
  bytes.write(header.dev, 16, 26, 'latin1');
  bytes.write(header.inc, 42, 32, 'latin1');
  bytes.set(createHash('sha256').update(bytes.subarray(0, 96)).digest(), 96);
  return bytes;
}

/** @returns null when the header is cut, damaged or of a version this program does not know */
export function readSegmentHeader(bytes: Uint8Array): SegmentHeader | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    view.length < SEGMENT_HEADER ||
    view.toString('latin1', 0, 8) !== MAGIC ||
    view.readUInt32BE(8) !== VERSION
  )
    return null;
  const hash = createHash('sha256').update(view.subarray(0, 96)).digest();
  if (hash.compare(view, 96, SEGMENT_HEADER) !== 0) return null;
  const text = (from: number, length: number): string =>
    view.toString('latin1', from, from + length).replace(/\0+$/, '');
  return { no: view.readUInt32BE(12), dev: text(16, 26), inc: text(42, 32) };
}

export interface PlacedRecord {
  head: RecordHead;
  offset: number;
  end: number;
}

export interface SegmentScan {
  header: SegmentHeader | null;
  records: PlacedRecord[];
  /** Bytes that are no record, first (inclusive) to last (exclusive). */
  bad: { from: number; to: number }[];
  /** Where a torn write at the very end begins: everything before it is whole. null when there is none. */
  tornAt: number | null;
}

/**
 * Reads a segment from its first byte to its last and finds every whole record, also behind damaged bytes.
 * What the file's end cuts off, or a tail of zeros, is a write the power cut interrupted: it was never
 * acknowledged. Anything else that is no record is damage.
 */
export function scanSegment(bytes: Uint8Array): SegmentScan {
  const header = readSegmentHeader(bytes);
  const scan: SegmentScan = { header, records: [], bad: [], tornAt: null };
  if (!header) scan.bad.push({ from: 0, to: Math.min(SEGMENT_HEADER, bytes.length) });
  let at = Math.min(SEGMENT_HEADER, bytes.length);
  let lastIndex = -1;
  while (at < bytes.length) {
    const found = findRecord(bytes, at);
    // A record out of its order is the leftover of an earlier write, not part of the record.
    if (found.is === 'record' && found.head.index > lastIndex) {
      scan.records.push({ head: found.head, offset: at, end: found.end });
      lastIndex = found.head.index;
      at = found.end;
      continue;
    }
    const next = nextRecord(bytes, at + 1, lastIndex);
    if (next === null && (found.is === 'cut' || allZero(bytes, at))) {
      scan.tornAt = at;
      return scan;
    }
    scan.bad.push({ from: at, to: next ?? bytes.length });
    at = next ?? bytes.length;
  }
  return scan;
}

function nextRecord(bytes: Uint8Array, from: number, lastIndex: number): number | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let marker = view.indexOf(MARKER, from); marker >= 0; marker = view.indexOf(MARKER, marker + 1)) {
    const offset = marker - RECORD_PREFIX;
    if (offset < from) continue;
    const found = findRecord(bytes, offset);
    if (found.is === 'record' && found.head.index > lastIndex) return offset;
  }
  return null;
}

const allZero = (bytes: Uint8Array, from: number): boolean =>
  bytes.subarray(from).every((byte) => byte === 0);
