import { displayName } from '../../../shared/domain/card/card-summary.ts';
import { documentTypeName } from '../../../shared/domain/card/code-tables.ts';
import type { CardDocument } from '../../../shared/domain/card/document.ts';
import { parseCardText } from '../../../shared/domain/card/parse-card-text.ts';
import { TEXT_BYTES } from '../../../shared/domain/card/text-layout.ts';
import { maskIdNumber, maskName } from '../../../shared/domain/masking/mask.ts';
import { splitCardPayload } from './card-payload.ts';
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
      document?: MaskedDocument;
      photoBytes?: number;
      fingerprintBytes?: number;
    }
  | { kind: 'text'; bytes: number; document: MaskedDocument }
  | { kind: 'unrecognised'; bytes: number; reason: string };

/**
 * Says what a dump is: a SAM request or reply (also inside a single HID report), or the 256-byte text record
 * of a card. For the support report and the command line; personal data is masked. Never throws.
 *
 * @param input bytes, or hex digits with any blanks, commas, colons or 0x between them
 * @param today `YYYY-MM-DD`, for the warnings about validity
 */
export function describeCardBytes(input: Uint8Array | string, today?: string): CardBytesDescription {
  const bytes = typeof input === 'string' ? fromHex(input) : input;
  if (bytes === null) return { kind: 'unrecognised', bytes: 0, reason: 'not hex digits' };
  const start = findPreamble(bytes);
  if (start >= 0) return describeFrame(bytes.subarray(start), today);
  if (bytes.length === TEXT_BYTES) {
    return { kind: 'text', bytes: bytes.length, document: maskDocument(parseCardText(bytes, today)) };
  }
  return {
    kind: 'unrecognised',
    bytes: bytes.length,
    reason: 'neither a frame nor a text record of 256 bytes',
  };
}

function describeFrame(frame: Uint8Array, today: string | undefined): CardBytesDescription {
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
      document: maskDocument(parseCardText(payload.text, today)),
      photoBytes: payload.photo?.length ?? 0,
      fingerprintBytes: payload.fingerprint?.length ?? 0,
    }),
  };
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
