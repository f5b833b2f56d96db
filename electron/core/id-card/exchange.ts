import type { ErrorCode } from '../../../shared/contract/errors.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { DeviceConnection, Packet } from '../ports/reader-device.ts';
import type { LogPort } from '../ports/log.ts';
import type { FrameTrace } from './admin/frame-log.ts';
import type { Carrier } from './carriers/carrier.ts';
import type { SamCommand } from './sam-commands.ts';
import { answers } from './sam-commands.ts';
import type { DecodedPart, SamReply } from './sam-frame.ts';
import { createReplyDecoder, encodeRequest } from './sam-frame.ts';

/** One packet must be taken by the device within this time. */
const WRITE_LIMIT_MS = 1000;
/** Silence within a reply after which the rest will not come. */
const SILENCE_MS = 500;
/** The same after a damaged frame: a good one may still follow, but not much later. */
const SILENCE_AFTER_DAMAGE_MS = 60;
/** After a failure late bytes may still arrive; they are thrown away until it has been quiet this long. */
const QUIET_MS = 50;

export interface ExchangeReply extends SamReply {
  /** Wall clock when the last byte arrived, milliseconds since 1970. */
  lastByteAt: number;
}

export interface Exchange {
  /**
   * Sends one command and waits for its answer; commands asked for at the same time are sent one after another.
   * Settles within the command's time limit (plus the turn of those before it).
   * @throws CodedError ID_CARD_TIMEOUT, ID_CARD_BAD_FRAME, or ID_CARD_READER_FAILED when the device is gone
   *   or has turned the command down
   */
  request(command: SamCommand, data?: Uint8Array): Promise<ExchangeReply>;
  /** Rejects what is pending and closes the device. */
  close(): Promise<void>;
}

interface Pending {
  command: SamCommand;
  resolve(reply: ExchangeReply): void;
  reject(error: CodedError): void;
  /** Set when part of the answer was damaged. */
  damage: string | null;
}

/** One command at a time over one open device. The clock bounds every wait. */
export function createExchange(ports: {
  connection: DeviceConnection;
  carrier: Carrier;
  clock: ClockPort;
  log: LogPort;
  /** Told of every command and its end. */
  trace?: FrameTrace;
}): Exchange {
  const { connection, carrier, clock, log, trace } = ports;
  const receiver = carrier.createReceiver();
  const decoder = createReplyDecoder();
  let pending: Pending | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let closedBecause: string | null = null;
  let cancelSilence = (): void => undefined;
  /** After a failure: late packets belong to the command before. */
  let latePackets = false;
  let packetsSeen = 0;
  /** The reader itself turned the last command down. */
  let refused = false;

  const fail = (error: CodedError): void => {
    latePackets = true;
    pending?.reject(error);
  };

  /** Part of the answer is lost; a good one may still follow, but soon. */
  const spoil = (reason: string): void => {
    if (!pending) return;
    pending.damage = reason;
    watchSilence();
  };

  const takeParts = (parts: DecodedPart[]): void => {
    for (const part of parts) {
      if (part.kind === 'bad') spoil(part.reason);
      else if (pending && answers(pending.command, part.reply)) {
        refused = false;
        pending.resolve({ ...part.reply, lastByteAt: clock.now() });
      } else {
        log.write('debug', 'id-card', 'reply to another command ignored', { status: part.reply.sw3 });
        part.reply.data.fill(0);
      }
    }
  };

  /** A refusal carries no check byte: the first could be damage, and the command is asked once more. */
  const refuse = (error: ErrorCode, reason: string): void => {
    fail(new CodedError(refused ? error : 'ID_CARD_BAD_FRAME', reason));
    refused = true;
  };

  const watchSilence = (): void => {
    cancelSilence();
    const limit = pending?.damage == null ? SILENCE_MS : SILENCE_AFTER_DAMAGE_MS;
    cancelSilence = clock.after(limit, () => {
      takeParts(decoder.giveUp());
      if (pending?.damage != null) fail(new CodedError('ID_CARD_BAD_FRAME', pending.damage));
    });
  };

  connection.onPacket((packet) => {
    packetsSeen += 1;
    if (pending) takePacket(packet);
    // It may be a piece of a card, and what was of use has been copied.
    packet.bytes.fill(0);
  });

  const takePacket = (packet: Packet): void => {
    watchSilence();
    const content = receiver.take(packet);
    if (content.kind === 'refused') refuse(content.error, content.reason);
    if (content.kind === 'bytes') takeParts(decoder.push(content.bytes));
    if (content.kind === 'damaged') spoil(content.reason);
  };

  connection.onClosed((reason) => {
    closedBecause = reason;
    fail(new CodedError('ID_CARD_READER_FAILED', reason));
  });

  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

  const untilQuiet = async (): Promise<void> => {
    for (let tries = 0; latePackets && tries < 20; tries++) {
      const before = packetsSeen;
      await pause(QUIET_MS);
      latePackets = packetsSeen !== before;
    }
    latePackets = false;
  };

  const send = async (packets: Packet[]): Promise<void> => {
    try {
      for (const packet of packets) await connection.write(packet, WRITE_LIMIT_MS);
    } catch (error) {
      fail(new CodedError('ID_CARD_READER_FAILED', 'write failed', { cause: error }));
    }
  };

  const exchangeOne = async (command: SamCommand, data: Uint8Array | undefined): Promise<ExchangeReply> => {
    await untilQuiet();
    if (closedBecause !== null) throw new CodedError('ID_CARD_READER_FAILED', closedBecause);
    receiver.reset();
    decoder.reset();
    const frame = encodeRequest(command.command, command.parameter, data);
    const packets = carrier.toPackets(frame);
    trace?.sent(command, frame);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        pending = null;
        cancelSilence();
        cancelLimit();
      };
      const cancelLimit = clock.after(command.limitMs, () => {
        fail(new CodedError('ID_CARD_TIMEOUT', `no answer in ${command.limitMs} ms`));
      });
      pending = {
        command,
        damage: null,
        resolve(reply) {
          settle();
          trace?.answered(reply);
          resolve(reply);
        },
        reject(error) {
          settle();
          trace?.failed(error);
          reject(error);
        },
      };
      // The answer may be there before the last write is confirmed, so nothing waits for the write.
      void send(packets);
    });
  };

  return {
    request(command, data) {
      const asked = turn.then(() => exchangeOne(command, data));
      turn = asked.catch(() => undefined);
      return asked;
    },
    async close() {
      closedBecause ??= 'closed';
      fail(new CodedError('ID_CARD_READER_FAILED', closedBecause));
      await connection.close();
    },
  };
}
