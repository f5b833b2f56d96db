import { displayName } from '../../../shared/domain/card/card-summary.ts';
import { documentTypeName } from '../../../shared/domain/card/code-tables.ts';
import type { CardDocument } from '../../../shared/domain/card/document.ts';
import { TEXT_BYTES } from '../../../shared/domain/card/text-layout.ts';
import { maskIdNumber, maskName } from '../../../shared/domain/masking/mask.ts';
import { parseCardText, parseLatestAddress } from '../../../shared/domain/card/parse-card-text.ts';
import { splitCardPayload } from './card-payload.ts';
import type { ReportCarrier } from './carriers/carrier.ts';
import { dkCarrier } from './carriers/dk.ts';
import { len8Carrier } from './carriers/len8.ts';
import { miaxisCarrier } from './carriers/miaxis.ts';
import { COMMAND_NAMES, COMMANDS } from './sam-commands.ts';
import { createReplyDecoder, findPreamble, xorOf } from './sam-frame.ts';
import { samStatus } from './sam-status.ts';

/** A document as it may be shown in a support report: enough to see what was read, not who it was. */
export interface MaskedDocument {
  type: CardDocument['type'];
  typeName: string;
  typeCode: string;
  name: string;
  number: string;
  birthYear: string;
  /** How many characters the address has. */
  addressLength: number;
  validFrom: string;
  validTo: string;
  warnings: string[];
}

/** What bytes turned out to be. Plain JSON, without anything that names a person. */
export type CardBytesDescription =
  | { kind: 'request'; bytes: number; command: string; checksum: 'right' | 'wrong' }
  | {
      kind: 'reply';
      bytes: number;
      status: string;
      meaning: string;
      dataBytes: number;
      /** The reports it was spread over, where the bytes are a capture of whole reports. */
      carrier?: 'miaxis' | 'dk' | 'len8';
      /** Whole only when it was asked for. */
      document?: MaskedDocument | CardDocument;
      photoBytes?: number;
      fingerprintBytes?: number;
      /** Characters of the latest address, or the address when it was asked for. */
      latestAddress?: number | string;
    }
  | { kind: 'text'; bytes: number; document: MaskedDocument | CardDocument }
  | { kind: 'unrecognised'; bytes: number; reason: string };

/**
 * Says what a dump is: a SAM request or reply (also inside a HID report, or spread over a capture of whole
 * reports), or the 256-byte text record of a card. For the support report and the command line; personal data
 * is masked. Never throws.
 *
 * @param input bytes, or hex digits with any blanks, commas, colons or 0x between them
 * @param today `YYYY-MM-DD`, for the warnings about validity
 * @param reveal gives the whole document: only for the person whose card it is, or who holds it
 */
export function describeCardBytes(
  input: Uint8Array | string,
  today?: string,
  reveal = false,
): CardBytesDescription {
  const bytes = typeof input === 'string' ? fromHex(input) : input;
  if (bytes === null) return { kind: 'unrecognised', bytes: 0, reason: 'not hex digits' };
  const show = (document: CardDocument): MaskedDocument | CardDocument =>
    reveal ? document : maskDocument(document);
  if (bytes.length === TEXT_BYTES && findPreamble(bytes) < 0)
    return { kind: 'text', bytes: bytes.length, document: show(parseCardText(bytes, today)) };
  const start = findPreamble(bytes);
  const described = start < 0 ? null : describeFrame(bytes.subarray(start), today, show, reveal);
  if (described?.kind === 'request' || described?.kind === 'reply') return described;
  for (const [carrier, framing] of CAPTURED) {
    const stream = unwrapped(bytes, framing);
    const at = findPreamble(stream);
    const inside = at < 0 ? null : describeFrame(stream.subarray(at), today, show, reveal);
    if (inside?.kind === 'reply') return { ...inside, carrier };
  }
  if (described) return described;
  return {
    kind: 'unrecognised',
    bytes: bytes.length,
    reason: 'neither a frame nor a text record of 256 bytes',
  };
}

const REPORT = 64;
const CAPTURED: readonly (readonly ['miaxis' | 'dk' | 'len8', ReportCarrier])[] = [
  ['miaxis', miaxisCarrier(REPORT)],
  ['dk', dkCarrier(REPORT)],
  ['len8', len8Carrier(REPORT, 1, false)],
];

/** What a carrier makes of a capture of input reports, one behind the other. */
function unwrapped(capture: Uint8Array, carrier: ReportCarrier): Uint8Array {
  const receiver = carrier.createReceiver();
  const pieces: Uint8Array[] = [];
  for (let at = 0; at + REPORT <= capture.length; at += REPORT) {
    const content = receiver.take(capture.subarray(at, at + REPORT));
    if (content.kind === 'bytes') pieces.push(content.bytes);
  }
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

function describeFrame(
  frame: Uint8Array,
  today: string | undefined,
  show: (document: CardDocument) => MaskedDocument | CardDocument,
  reveal: boolean,
): CardBytesDescription {
  const total = 7 + (((frame[5] ?? 0) << 8) | (frame[6] ?? 0));
  const request = commandOf(frame);
  if (request && total <= 11 && frame.length >= total) {
    const checksum = xorOf(frame, 5, total) === 0 ? 'right' : 'wrong';
    return { kind: 'request', bytes: total, command: request, checksum };
  }
  const decoder = createReplyDecoder();
  const [first] = [...decoder.push(frame), ...decoder.giveUp()];
  if (first?.kind !== 'reply') {
    return {
      kind: 'unrecognised',
      bytes: frame.length,
      reason: `not a whole frame (${first?.reason ?? 'cut'})`,
    };
  }
  const { sw3, data } = first.reply;
  const payload = splitCardPayload(data);
  return {
    kind: 'reply',
    bytes: total,
    status: sw3.toString(16).padStart(2, '0').toUpperCase(),
    meaning: samStatus(sw3).meaning,
    dataBytes: data.length,
    ...(payload?.text.length === TEXT_BYTES && {
      document: show(parseCardText(payload.text, today)),
      photoBytes: payload.photo?.length ?? 0,
      fingerprintBytes: payload.fingerprint?.length ?? 0,
    }),
    ...(!payload && isAppended(sw3, data) && addressIn(data, reveal)),
  };
}

/** Four slots of 70 bytes; only `30 03` has a reply of that size. */
function isAppended(sw3: number, data: Uint8Array): boolean {
  return sw3 === 0x90 && data.length > 0 && data.length % 70 === 0 && data.length <= 280;
}

function addressIn(data: Uint8Array, reveal: boolean): { latestAddress: number | string } {
  const address = parseLatestAddress(data);
  return { latestAddress: reveal ? address : Array.from(address).length };
}

/** Status-only replies are as short as requests; a reply begins with SW1, which is no command. */
function commandOf(frame: Uint8Array): string | null {
  const name = COMMAND_NAMES.find(
    (n) => COMMANDS[n].command === frame[7] && COMMANDS[n].parameter === frame[8],
  );
  return name ?? null;
}

function maskDocument(document: CardDocument): MaskedDocument {
  return {
    type: document.type,
    typeName: documentTypeName(document.type),
    typeCode: document.typeCode,
    name: maskName(displayName(document)),
    number: maskIdNumber(document.number),
    birthYear: document.birth.slice(0, 4),
    addressLength: document.address.length,
    validFrom: document.validFrom,
    validTo: document.longTerm ? '长期' : document.validTo,
    warnings: document.warnings,
  };
}

function fromHex(text: string): Uint8Array | null {
  const digits = text.replace(/0x|[\s,:;-]/giu, '');
  if (digits.length === 0 || digits.length % 2 === 1 || !/^[0-9a-f]+$/iu.test(digits)) return null;
  return Uint8Array.from(digits.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
}
