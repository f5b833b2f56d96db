import { z } from 'zod';
import type { ReaderBus } from '../../../shared/contract/reader.ts';
import type { DeviceAccess, DeviceInfo } from '../ports/reader-device.ts';
import type { Carrier } from './carriers/carrier.ts';
import { overReports } from './carriers/carrier.ts';
import { bulkCarrier } from './carriers/bulk.ts';
import { dkCarrier } from './carriers/dk.ts';
import { len8Carrier } from './carriers/len8.ts';
import { miaxisCarrier } from './carriers/miaxis.ts';
import { rawCarrier } from './carriers/raw.ts';
import { streamCarrier } from './carriers/stream.ts';
import { COMMAND_NAMES } from './sam-commands.ts';
import { encodeRequest } from './sam-frame.ts';

/**
 * What this program knows about one make of reader, as data (`resources/readers/*.json`), so that a reader
 * nobody here has seen can be taken into use by writing a file. `reader-profile.schema.json` beside those
 * files is made from this schema.
 */

const usbId = z.string().regex(/^[0-9A-Fa-f]{4}$/);

const endpoint = z.number().int().min(1).max(255);

const framingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('miaxis') }),
  z.strictObject({ kind: z.literal('dk') }),
  z.strictObject({ kind: z.literal('raw'), offset: z.number().int().min(0).max(32).default(0) }),
  z.strictObject({
    kind: z.literal('len8'),
    countBytes: z.union([z.literal(1), z.literal(2)]).default(1),
    bigEndian: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('bulk').describe('Vendor-class USB with bulk pipes'),
    interface: z.number().int().min(0).max(31).default(0),
    out: z.array(endpoint).min(1).max(2).default([0x02, 0x06]),
    in: z.array(endpoint).min(1).max(2).default([0x81, 0x85]),
    split: z
      .boolean()
      .default(true)
      .describe('Seven bytes of header on the first pipe, the rest on the second'),
  }),
  z.strictObject({
    kind: z.literal('uart').describe('Serial line, 8-N-1'),
    baudRates: z
      .array(z.union([9600, 19200, 38400, 57600, 115200].map((rate) => z.literal(rate))))
      .min(1)
      .max(5)
      .default([115200])
      .describe('Tried in turn until the reader answers'),
  }),
  z.strictObject({
    kind: z
      .literal('library')
      .describe('The maker\'s own DLL or .so; its path is part of the setting: "id@path"'),
    family: z.enum(['sdtapi', 'termb']),
    port: z.number().int().min(1).max(2000).default(1001).describe('1–16 serial ports, 1001–1016 USB'),
  }),
]);

const fieldsSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z
    .string()
    .regex(/^(?!probe$)[a-z0-9-]{1,40}$/)
    .describe('Name of the profile in the settings; "probe" means every profile'),
  name: z.string().min(1).max(80).describe('Shown to the clerk'),
  match: z
    .array(
      z.strictObject({
        vendorId: usbId,
        productId: usbId,
        usagePage: z.number().int().optional(),
        usage: z.number().int().optional(),
      }),
    )
    .default([])
    .describe('USB devices this profile is for; none: only on demand, as "id@vvvv:pppp"'),
  framing: framingSchema,
  reportLength: z
    .number()
    .int()
    .min(16)
    .max(1024)
    .default(64)
    .describe('Bytes of a report, without the report id'),
  presence: z
    .enum(['appended', 'management', 'none'])
    .default('appended')
    .describe('Command that tells whether a read card still lies there: 30 03, 30 05, or none'),
  readsAddress: z.boolean().default(true).describe('Whether 30 03 gives the appended address'),
  maxRfBytes: z.number().int().min(16).max(255).optional().describe('Sent by 61 FF after connecting'),
  antennaOff: z
    .string()
    .regex(/^([0-9A-Fa-f]{2}){2,}$/)
    .optional()
    .describe('CMD PARA DATA that drops the field; without it the SAM is reset instead'),
  skipSelect: z.boolean().default(false).describe('The module reads without 20 02'),
  limitsMs: z.partialRecord(z.enum(COMMAND_NAMES), z.number().int().min(50).max(30_000)).default({}),
});
export type ReaderProfile = z.infer<typeof fieldsSchema>;

/** A profile whose reports have no room for a command is refused when it is loaded, not when a card lies there. */
export const readerProfileSchema = fieldsSchema.refine(carriesItsCommands, {
  path: ['reportLength'],
  message: 'the reports are too short for this framing and its commands',
});

/** The carrier a profile asks for. */
export function carrierOf(profile: Pick<ReaderProfile, 'framing' | 'reportLength'>): Carrier {
  const { framing, reportLength } = profile;
  switch (framing.kind) {
    case 'miaxis':
      return overReports(miaxisCarrier(reportLength));
    case 'dk':
      return overReports(dkCarrier(reportLength));
    case 'raw':
      return overReports(rawCarrier(reportLength, framing.offset));
    case 'len8':
      return overReports(len8Carrier(reportLength, framing.countBytes, framing.bigEndian));
    case 'bulk':
      return bulkCarrier(framing.out, framing.in, framing.split);
    case 'uart':
    case 'library':
      return streamCarrier();
  }
}

function carriesItsCommands(profile: ReaderProfile): boolean {
  // The longest command that every reader is sent has one byte of data.
  const longest = Math.max(1, (profile.antennaOff?.length ?? 0) / 2 - 2);
  try {
    carrierOf(profile).toPackets(encodeRequest(0, 0, new Uint8Array(longest)));
    return true;
  } catch {
    return false;
  }
}

/** How a device of this profile is opened. */
export function accessOf({ framing }: Pick<ReaderProfile, 'framing'>): DeviceAccess {
  switch (framing.kind) {
    case 'bulk':
      return { bus: 'usb', interface: framing.interface, out: framing.out, in: framing.in };
    case 'uart':
      return { bus: 'serial', baudRate: framing.baudRates[0] ?? 115200 };
    case 'library':
      return { bus: 'library', family: framing.family, port: framing.port };
    default:
      return { bus: 'hid' };
  }
}

/** One profile per way of opening the device, in the order to try them: a serial line has several speeds. */
export function variantsOf(profile: ReaderProfile): ReaderProfile[] {
  const { framing } = profile;
  if (framing.kind !== 'uart') return [profile];
  return framing.baudRates.map((rate) => ({ ...profile, framing: { ...framing, baudRates: [rate] } }));
}

/** The bus on which readers of this profile hang. */
export function busOf(profile: Pick<ReaderProfile, 'framing'>): ReaderBus {
  return accessOf(profile).bus;
}

/** Whether this device is one the profile names. */
export function matchesProfile(profile: ReaderProfile, device: DeviceInfo): boolean {
  if (device.bus !== busOf(profile)) return false;
  return profile.match.some(
    (match) =>
      Number.parseInt(match.vendorId, 16) === device.vendorId &&
      Number.parseInt(match.productId, 16) === device.productId &&
      (match.usagePage === undefined || match.usagePage === device.usagePage) &&
      (match.usage === undefined || match.usage === device.usage),
  );
}
