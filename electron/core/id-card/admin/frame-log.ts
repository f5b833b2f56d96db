import type { FrameEntry } from '../../../../shared/contract/reader.ts';
import type { CodedError } from '../../../../shared/contract/errors.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { SamCommand } from '../sam-commands.ts';
import { COMMAND_NAMES, COMMANDS } from '../sam-commands.ts';
import type { SamReply } from '../sam-frame.ts';
import { encodeReply } from '../sam-frame.ts';
import { samStatus } from '../sam-status.ts';

/** What one exchange tells of its commands, in order: one command, then its end. */
export interface FrameTrace {
  sent(command: SamCommand, frame: Uint8Array): void;
  answered(reply: SamReply): void;
  failed(error: CodedError): void;
}

/** The last frames to and from readers, without what came from a card. */
export interface FrameLog {
  /** One per open device; each keeps to one command at a time. */
  trace(): FrameTrace;
  /** Frames with a higher number than `after`, oldest first. */
  since(after: number): FrameEntry[];
}

const KEPT = 400;
/** A run of polls that all go the same way is told at once, at its end, and so often meanwhile. */
const RUN_TOLD_MS = 10_000;

/** Commands that are sent five times a second while nothing happens. */
const POLLS: ReadonlySet<number> = new Set(
  [COMMANDS.find, COMMANDS.readAppended, COMMANDS.readManagement].map(keyOf),
);
/** Replies whose data is the reader's own. Everything else may come from a card and is not even kept. */
const OPEN_DATA: ReadonlySet<number> = new Set(
  [COMMANDS.resetSam, COMMANDS.samStatus, COMMANDS.samId, COMMANDS.setMaxRf].map(keyOf),
);
/** The longest of them is the SAM's number. */
const OPEN_DATA_BYTES = 16;
const NAMES: ReadonlyMap<number, string> = new Map(
  COMMAND_NAMES.map((name) => [keyOf(COMMANDS[name]), name]),
);

/** One command and how it ended. Text and hex are made when somebody asks. */
interface Exchanged {
  seq: number;
  command: number;
  request: Uint8Array;
  sentAt: number;
  endedAt: number;
  tookMs: number;
  /** The whole frame where it may be seen, its status and its length otherwise; null when none held. */
  reply: { open: Uint8Array } | { sw: readonly [number, number, number]; bytes: number } | null;
  reason: string;
  times: number;
}

/**
 * Keeps 400 frames. Costs one small object for a command and nothing that grows: a card's data is dropped at
 * once, so that it can neither be shown nor found in memory.
 */
export function createFrameLog(clock: ClockPort): FrameLog {
  let kept: Exchanged[] = [];
  let seq = 0;

  const keep = (exchanged: Exchanged): void => {
    exchanged.seq = seq + 1;
    seq += 2;
    kept.push(exchanged);
    // Cut in blocks: moving four hundred places for every poll would be waste.
    if (kept.length >= KEPT) kept = kept.slice(-KEPT / 2);
  };

  return {
    trace: () => createTrace(clock, keep, (told) => (kept = kept.filter((each) => each !== told))),
    since: (after) =>
      kept
        .slice(-KEPT / 2)
        .flatMap((exchanged) => entriesOf(exchanged))
        .filter((entry) => entry.seq > after),
  };
}

function createTrace(
  clock: ClockPort,
  keep: (exchanged: Exchanged) => void,
  forget: (exchanged: Exchanged) => void,
): FrameTrace {
  let open: { command: number; request: Uint8Array; sentAt: number; from: number } | null = null;
  /** The run of equal polls: what makes it one, the last of them, whether that is told, and when one was. */
  let run: {
    mark: number;
    last: Exchanged;
    told: boolean;
    summary: Exchanged | null;
    toldAt: number;
  } | null = null;

  const tellRun = (): void => {
    if (!run || run.told) return;
    // A summary takes the place of the one before it.
    if (run.summary) forget(run.summary);
    keep(run.last);
    run = { ...run, told: true, summary: run.last, toldAt: run.last.endedAt };
  };

  const end = (reply: Exchanged['reply'], reason: string, mark: number | null): void => {
    if (!open) return;
    const { command, request, sentAt, from } = open;
    open = null;
    const endedAt = clock.now();
    const tookMs = clock.monotonic() - from;
    const exchanged = { seq: 0, command, request, sentAt, endedAt, tookMs, reply, reason, times: 1 };
    if (run && mark === run.mark) {
      exchanged.times = run.last.times + 1;
      run.last = exchanged;
      run.told = false;
      if (endedAt - run.toldAt >= RUN_TOLD_MS || endedAt < run.toldAt) tellRun();
      return;
    }
    tellRun();
    keep(exchanged);
    run = mark === null ? null : { mark, last: exchanged, told: true, summary: null, toldAt: endedAt };
  };

  return {
    sent(command, request) {
      open = { command: keyOf(command), request, sentAt: clock.now(), from: clock.monotonic() };
    },
    answered(reply) {
      if (!open) return;
      const { command } = open;
      const { sw1, sw2, sw3, data } = reply;
      const mark = POLLS.has(command) ? (command * 0x100 + sw3) * 0x2000 + data.length : null;
      end(
        // A late answer to another command may carry an error's status and a card's data.
        (OPEN_DATA.has(command) && data.length <= OPEN_DATA_BYTES) || data.length === 0
          ? { open: encodeReply(reply) }
          : { sw: [sw1, sw2, sw3], bytes: data.length + 11 },
        '',
        mark,
      );
    },
    failed: (error) => end(null, `${error.code}: ${error.message}`, null),
  };
}

function keyOf({ command, parameter }: Pick<SamCommand, 'command' | 'parameter'>): number {
  return command * 0x100 + parameter;
}

function entriesOf(exchanged: Exchanged): FrameEntry[] {
  const { seq, command, request, sentAt, endedAt, tookMs, times, reply } = exchanged;
  const name = NAMES.get(command) ?? hexOf(Uint8Array.of(command >> 8, command & 0xff));
  const sw3 = statusOf(reply);
  return [
    {
      seq,
      at: sentAt,
      direction: 'out',
      command: name,
      status: '',
      meaning: '',
      hex: hexOf(request),
      bytes: request.length,
      times,
      tookMs: 0,
    },
    {
      seq: seq + 1,
      at: endedAt,
      direction: 'in',
      command: name,
      status: sw3 === null ? '' : hexOf(Uint8Array.of(sw3)),
      meaning: sw3 === null ? exchanged.reason : samStatus(sw3).meaning,
      hex: reply ? replyHex(reply) : '',
      bytes: reply ? ('open' in reply ? reply.open.length : reply.bytes) : 0,
      times,
      tookMs: Math.round(tookMs * 10) / 10,
    },
  ];
}

/** Where the third status byte stands in a reply frame. */
const SW3_AT = 9;

function statusOf(reply: Exchanged['reply']): number | null {
  if (!reply) return null;
  return 'open' in reply ? (reply.open[SW3_AT] ?? null) : reply.sw[2];
}

/** The check byte is hidden with the data it was made from. */
function replyHex(reply: NonNullable<Exchanged['reply']>): string {
  if ('open' in reply) return hexOf(reply.open);
  const length = reply.bytes - 7;
  const [sw1, sw2, sw3] = reply.sw;
  const head = hexOf(Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69, length >> 8, length & 0xff, sw1, sw2, sw3));
  const hidden = reply.bytes - SW3_AT - 1;
  return `${head} ${hidden > 32 ? `·· ×${String(hidden)}` : Array(hidden).fill('··').join(' ')}`;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');
}
