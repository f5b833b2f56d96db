import { z } from 'zod';

export const checkSchema = z.object({
  /** Stable number that support can ask for on the telephone. */
  no: z.number().int().positive(),
  name: z.string(),
  result: z.enum(['ok', 'warning', 'failed']),
  /** Masked; for support. */
  detail: z.string(),
});
export type Check = z.infer<typeof checkSchema>;

export const diagnosticsContract = {
  'diagnostics.run': { input: z.object({}), output: z.array(checkSchema) },
} as const;
