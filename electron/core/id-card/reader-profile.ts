import { z } from 'zod';
import type { HidDeviceInfo } from '../ports/hid.ts';
import type { Carrier } from './carriers/carrier.ts';
import { dkCarrier } from './carriers/dk.ts';
import { len8Carrier } from './carriers/len8.ts';
import { miaxisCarrier } from './carriers/miaxis.ts';
import { rawCarrier } from './carriers/raw.ts';
import { COMMAND_NAMES } from './sam-commands.ts';

/**
 * What this program knows about one make of reader, as data (`resources/readers/*.json`), so that a reader
 * nobody here has seen can be taken into use by writing a file. `reader-profile.schema.json` beside those
 * files is made from this schema.
 */

const usbId = z.string().regex(/^[0-9A-Fa-f]{4}$/);

const framingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('miaxis') }),
  z.strictObject({ kind: z.literal('dk') }),
  z.strictObject({ kind: z.literal('raw'), offset: z.number().int().min(0).max(32).default(0) }),
  z.strictObject({
    kind: z.literal('len8'),
    countBytes: z.union([z.literal(1), z.literal(2)]).default(1),
    bigEndian: z.boolean().default(false),
  }),
]);

export const readerProfileSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .describe('Name of the profile in the settings'),
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
export type ReaderProfile = z.infer<typeof readerProfileSchema>;

/** The carrier a profile asks for. */
export function carrierOf(profile: Pick<ReaderProfile, 'framing' | 'reportLength'>): Carrier {
  const { framing, reportLength } = profile;
  switch (framing.kind) {
    case 'miaxis':
      return miaxisCarrier(reportLength);
    case 'dk':
      return dkCarrier(reportLength);
    case 'raw':
      return rawCarrier(reportLength, framing.offset);
    case 'len8':
      return len8Carrier(reportLength, framing.countBytes, framing.bigEndian);
  }
}

/** Whether this device is one the profile names. */
export function matchesProfile(profile: ReaderProfile, device: HidDeviceInfo): boolean {
  return profile.match.some(
    (match) =>
      Number.parseInt(match.vendorId, 16) === device.vendorId &&
      Number.parseInt(match.productId, 16) === device.productId &&
      (match.usagePage === undefined || match.usagePage === device.usagePage) &&
      (match.usage === undefined || match.usage === device.usage),
  );
}
