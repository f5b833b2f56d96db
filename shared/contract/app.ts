import { z } from 'zod';

/** What this shell can do; a capability that is absent is hidden, not greyed out. */
export const capabilitySchema = z.enum([
  'card.demo', // the simulated reader stands in (演示)
  'print.preview', // the virtual printer stands in, slips open as a picture
  'print.a4',
  'print.windows', // printers of Windows, by their drivers
  'window.kiosk',
  'update.auto',
]);
export type Capability = z.infer<typeof capabilitySchema>;

/** The place this device holds, given by enrolment. */
export const deviceSchema = z.object({
  /** Device id: 26 characters of Crockford base32, from the public key. */
  dev: z.string(),
  hall: z.string(),
  hallName: z.string(),
  station: z.string(),
  stationName: z.string(),
  /** Letters that belong to this device alone within its hall; prefix of every number it gives offline. */
  series: z.string(),
});
export type Device = z.infer<typeof deviceSchema>;

export const clerkSchema = z.object({ id: z.string(), name: z.string() });
export type Clerk = z.infer<typeof clerkSchema>;

export const appContract = {
  'app.boot': {
    input: z.object({}),
    output: z.object({
      version: z.string(),
      shell: z.enum(['electron', 'standalone']),
      capabilities: z.array(capabilitySchema),
      /** null until the device is enrolled. */
      device: deviceSchema.nullable(),
      clerk: clerkSchema,
      /** Seals personal data in the window's store: 32 bytes, base64. */
      sealKey: z.string(),
      /** Keys the hashes by which a person is found: 32 bytes, base64. */
      lookupKey: z.string(),
      /** Something the start-up put right and the clerk should know, as message keys (`notice.<name>`). */
      notices: z.array(z.string()),
    }),
  },
  'app.report': {
    /** A failure in the window, for the log. Masked again at the sink. */
    input: z.object({ where: z.string().max(200), message: z.string().max(2000) }),
    output: z.object({}),
  },
} as const;
