import { z } from 'zod';

/** What a clerk may do: serve at a window, work in a back office, lead a hall, set up machines. */
export const clerkRoleSchema = z.enum(['window', 'office', 'manager', 'admin']);
export type ClerkRole = z.infer<typeof clerkRoleSchema>;

/** Roles that may sign in at a hall PC; somebody with `office` alone works at the server's own page. */
export const HALL_ROLES: readonly ClerkRole[] = ['window', 'manager', 'admin'];

/** A clerk's id is written into every event: short and plain. */
export const clerkIdSchema = z.string().regex(/^[A-Za-z0-9._-]{1,32}$/);

export const signedClerkSchema = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(clerkRoleSchema),
});
export type SignedClerk = z.infer<typeof signedClerkSchema>;

export const clerkStateSchema = z.object({
  /** false while the server has no clerks for this hall: then nobody signs in and `settings.clerk` counts. */
  required: z.boolean(),
  /** Who is signed in. */
  clerk: signedClerkSchema.nullable(),
  /** Until when the clerk who last tried is locked out after too many wrong secrets, milliseconds since 1970. */
  lockedUntil: z.number().nullable(),
  /** Until when clerks can be checked here without the server, milliseconds since 1970; null when none are known. */
  offlineUntil: z.number().nullable(),
  /** After so many minutes without a key the window locks by itself; null: never. */
  idleMinutes: z.number().int().positive().nullable(),
});
export type ClerkState = z.infer<typeof clerkStateSchema>;

export const clerkContract = {
  'clerk.state': { input: z.object({}), output: clerkStateSchema },
  'clerk.signIn': {
    /**
     * Checked here against what the server last told, so that it works without the line. Whoever calls writes the
     * event `clerk.signedIn` with `how`.
     */
    input: z.object({ id: z.string().max(64), secret: z.string().min(1).max(200) }),
    output: signedClerkSchema.extend({
      /** Whether the server had just confirmed the list of clerks. */
      how: z.enum(['online', 'offline']),
    }),
  },
  'clerk.signOut': { input: z.object({}), output: z.object({}) },
  /** Who may sign in at a hall PC, by name. */
  'clerk.list': { input: z.object({}), output: z.array(z.object({ id: z.string(), name: z.string() })) },
} as const;
