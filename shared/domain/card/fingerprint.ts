/**
 * What the fingerprint file of a card says about itself (GA/T 490, since the cards of 2013): which fingers were taken
 * and how well. The templates are biometric data that this program has no use for: they are looked at in
 * their first bytes only and are never part of the result.
 */

/** Bytes of one template; a card holds two at most. */
export const TEMPLATE_BYTES = 512;

/** 注册结果. `null` for a code outside the standard. */
export type FingerprintResult = 'registered' | 'failed' | 'not-registered' | 'unknown' | null;

export type FingerprintProblem =
  /** Nothing but zeros or blanks: the place was never written. */
  | 'blank'
  /** Does not begin with 43. */
  | 'head'
  /** A registration result, finger or quality outside the standard; the code is kept. */
  | 'result'
  | 'finger'
  | 'quality'
  /** Fewer bytes than a template has. */
  | 'cut';

export interface FingerprintSummary {
  result: FingerprintResult;
  resultCode: number;
  /** 11–15 right thumb to little finger, 16–20 left, 97–99 not determined; other codes as they are. */
  fingerCode: number;
  /** The finger's name as the field writes it (右手拇指), null for a code outside the table. */
  fingerName: string | null;
  hand: 'right' | 'left' | null;
  /** 1–100, null when the card says nothing (0) or something else. */
  quality: number | null;
  problems: FingerprintProblem[];
}

const RESULTS: ReadonlyMap<number, FingerprintResult> = new Map([
  [1, 'registered'],
  [2, 'failed'],
  [3, 'not-registered'],
  [9, 'unknown'],
]);

const FINGERS = ['拇指', '食指', '中指', '环指', '小指'] as const;
/** 97–99 stand in makers' tables only. */
const OTHER_FINGERS: ReadonlyMap<number, string> = new Map([
  [97, '右手不确定指位'],
  [98, '左手不确定指位'],
  [99, '其他不确定指位'],
]);

/**
 * Reads the heads of the templates. Never throws; the check byte of a template is not verified, since its
 * polynomial is not published.
 *
 * @param bytes 0, 512 or 1024 bytes as `30 10` gives them; anything else is taken as far as it goes
 * @returns one entry for each template, in the order of the card; empty when the card has none
 */
export function parseFingerprints(bytes: Uint8Array): FingerprintSummary[] {
  const summaries: FingerprintSummary[] = [];
  for (let at = 0; at < bytes.length; at += TEMPLATE_BYTES) {
    summaries.push(summaryOf(bytes.subarray(at, at + TEMPLATE_BYTES)));
  }
  return summaries;
}

function summaryOf(template: Uint8Array): FingerprintSummary {
  const [head = 0, , , , resultCode = 0, fingerCode = 0, quality = 0] = template;
  const problems: FingerprintProblem[] = [];
  const blank = template.every((byte) => byte === 0) || template.every((byte) => byte === 0x20);
  const result = RESULTS.get(resultCode) ?? null;
  const fingerName = nameOf(fingerCode);
  if (template.length < TEMPLATE_BYTES) problems.push('cut');
  if (blank) problems.push('blank');
  else {
    if (head !== 0x43) problems.push('head');
    if (result === null) problems.push('result');
    // A finger that was not taken needs no name.
    if (fingerName === null && result !== 'not-registered') problems.push('finger');
    if (quality > 100) problems.push('quality');
  }
  return {
    result,
    resultCode,
    fingerCode,
    fingerName,
    hand: handOf(fingerCode),
    quality: quality >= 1 && quality <= 100 ? quality : null,
    problems,
  };
}

function handOf(code: number): 'right' | 'left' | null {
  if ((code >= 11 && code <= 15) || code === 97) return 'right';
  if ((code >= 16 && code <= 20) || code === 98) return 'left';
  return null;
}

function nameOf(code: number): string | null {
  const finger = FINGERS[(code - 11) % 5];
  if (code < 11 || code > 20 || finger === undefined) return OTHER_FINGERS.get(code) ?? null;
  return (code <= 15 ? '右手' : '左手') + finger;
}
