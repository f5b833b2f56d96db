import { z } from 'zod';
import { sealKeyFor } from './sealed-key.ts';

/** What a manifest's key is sealed for; part of the sealing itself. */
export const COPY_PURPOSE = 'journal-copy-1';

export const manifestSchema = z.object({
  v: z.literal(1),
  hall: z.string(),
  dev: z.string(),
  at: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
  /** The journal's key for the officer who keeps the recovery key; null when the hall has none. */
  key: z.object({ recovery: z.string(), ephemeral: z.string(), box: z.string() }).nullable(),
  /** Ed25519 of the device over everything above, as JSON with `signature` left out. */
  signature: z.string(),
});
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestText = (manifest: Omit<Manifest, 'signature'>): string =>
  `zongchuang-manifest-1\n${JSON.stringify(manifest)}`;

/**
 * What a dated folder of copies holds. The segments are sealed with the journal's key, which leaves this PC only sealed
 * under the hall's recovery key: without that private key a thief of the second place has nothing but sizes.
 */
export function manifestOf(of: {
  hall: string;
  dev: string;
  at: string;
  files: Manifest['files'];
  key: Uint8Array;
  recoveryKey: string | null;
  sign: (text: string) => string;
}): string {
  const { hall, dev, at, files, recoveryKey } = of;
  const body = {
    v: 1 as const,
    hall,
    dev,
    at,
    files,
    key:
      recoveryKey === null
        ? null
        : { recovery: recoveryKey, ...sealKeyFor(recoveryKey, of.key, COPY_PURPOSE) },
  };
  return JSON.stringify({ ...body, signature: of.sign(manifestText(body)) }, null, 2);
}
