import { z } from 'zod';
import { clerkRoleSchema } from './clerk.ts';

/** Data of a hall that the server keeps and its devices hold a copy of. */
export const MASTER_NAMES = ['catalogue', 'policy', 'calendar', 'clerks', 'appointments'] as const;
export const masterNameSchema = z.enum(MASTER_NAMES);
export type MasterName = z.infer<typeof masterNameSchema>;

/** What the window may read: all but the clerks' verifiers. */
export const openMasterNameSchema = masterNameSchema.exclude(['clerks']);

/** `policy`: rules of the hall for its machines; what is not understood is left alone. */
export const hallPolicySchema = z.looseObject({
  /** After so many minutes without a key a window locks. */
  idleMinutes: z.number().int().min(1).max(480).nullable().optional(),
  /** How long clerks may sign in without the server having confirmed them. */
  offlineDays: z.number().int().min(1).max(90).optional(),
});
export type HallPolicy = z.infer<typeof hallPolicySchema>;

/** `clerks`: those of the hall who are not retired. */
export const clerkRecordSchema = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(clerkRoleSchema),
  /** See shared/clerks/verifier.ts. */
  verifier: z.string(),
});
export type ClerkRecord = z.infer<typeof clerkRecordSchema>;

/** GET /v1/master: what there is, each with its tag; null was never set. */
export const masterIndexAnswer = z.object({ tags: z.record(z.string(), z.string().nullable()) });

/** GET /v1/master/{name} with ETag: the value, null when it was never set; 304 for `if-none-match`. */
export const masterAnswer = z.object({ name: masterNameSchema, tag: z.string().nullable(), value: z.json() });

export const masterContract = {
  'master.read': {
    input: z.object({ name: openMasterNameSchema }),
    output: z.object({
      /** null when the server has set none, or was never heard: then what ships with the program counts. */
      value: z.json(),
      tag: z.string().nullable(),
      /** When the server last confirmed it, milliseconds since 1970. */
      checkedAt: z.number().nullable(),
    }),
  },
} as const;
