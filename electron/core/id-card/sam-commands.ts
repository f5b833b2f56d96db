import type { SamReply } from './sam-frame.ts';

/** The commands of the SAM that this program sends, and what their answers look like. */

export const COMMAND_NAMES = [
  'resetSam',
  'samStatus',
  'samId',
  'find',
  'select',
  'readBase',
  'readBaseWithFingerprint',
  'readAppended',
  'readManagement',
  'setMaxRf',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

export interface SamCommand {
  /** CMD and PARA of the frame. */
  command: number;
  parameter: number;
  /** From sending to the last byte of the answer. */
  limitMs: number;
  /** Status codes that mean it worked. */
  success: readonly number[];
  /** Bytes of data that come with success. */
  data: readonly [min: number, max: number];
}

/**
 * CMD, PARA and lengths as readers' documents agree; the time limits are longer than anything seen in the
 * field (a base read takes under 1.5 s) and can be changed per reader profile.
 */
export const COMMANDS: Readonly<Record<CommandName, SamCommand>> = {
  resetSam: { command: 0x10, parameter: 0xff, limitMs: 1000, success: [0x90], data: [0, 0] },
  samStatus: { command: 0x11, parameter: 0xff, limitMs: 1000, success: [0x90], data: [0, 0] },
  samId: { command: 0x12, parameter: 0xff, limitMs: 1000, success: [0x90], data: [16, 16] },
  // 80, no card, is the usual answer while nobody is there.
  find: { command: 0x20, parameter: 0x01, limitMs: 1000, success: [0x9f], data: [0, 16] },
  select: { command: 0x20, parameter: 0x02, limitMs: 1500, success: [0x90], data: [0, 28] },
  readBase: { command: 0x30, parameter: 0x01, limitMs: 3000, success: [0x90], data: [4, 4096] },
  readBaseWithFingerprint: {
    command: 0x30,
    parameter: 0x10,
    limitMs: 5000,
    success: [0x90],
    data: [6, 4096],
  },
  // 91: the card has no appended address.
  readAppended: { command: 0x30, parameter: 0x03, limitMs: 1500, success: [0x90, 0x91], data: [0, 512] },
  readManagement: { command: 0x30, parameter: 0x05, limitMs: 1500, success: [0x90], data: [24, 28] },
  setMaxRf: { command: 0x61, parameter: 0xff, limitMs: 1000, success: [0x90], data: [0, 0] },
};

const EVERY_SUCCESS: ReadonlySet<number> = new Set([0x90, 0x91, 0x9f]);

/**
 * Whether a reply can be the answer to this command. A late answer to the command before must not be taken
 * for the answer to this one: replies carry no number, so their status and size have to tell.
 */
export function answers(command: SamCommand, reply: SamReply): boolean {
  if (!EVERY_SUCCESS.has(reply.sw3)) return true;
  const [min, max] = command.data;
  return command.success.includes(reply.sw3) && reply.data.length >= min && reply.data.length <= max;
}
