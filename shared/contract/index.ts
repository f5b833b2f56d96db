import type { z } from 'zod';
import { appContract } from './app.ts';
import { blobContract } from './blob.ts';
import { cardContract, type CardPhoto, type CardRead, type ReaderState } from './card.ts';
import { centralContract, type LineState } from './central.ts';
import { clerkContract, type ClerkState } from './clerk.ts';
import { diagnosticsContract } from './diagnostics.ts';
import { journalContract } from './journal.ts';
import { masterContract, type MasterName } from './master.ts';
import type { EventName, MethodName } from './names.ts';
import { printContract, type Sheet } from './print.ts';
import { readerContract } from './reader.ts';
import { settingsContract, type Settings } from './settings.ts';

/** Everything the window may ask of the machine. This list is the whole capability surface. */
export const contract = {
  ...appContract,
  ...cardContract,
  ...readerContract,
  ...journalContract,
  ...centralContract,
  ...printContract,
  ...clerkContract,
  ...masterContract,
  ...blobContract,
  ...settingsContract,
  ...diagnosticsContract,
} as const satisfies Record<MethodName, { input: z.ZodType; output: z.ZodType }>;

export type Contract = typeof contract;
export type Input<M extends MethodName> = z.input<Contract[M]['input']>;
export type ParsedInput<M extends MethodName> = z.output<Contract[M]['input']>;
export type Output<M extends MethodName> = z.output<Contract[M]['output']>;

/** A missing, extra or wrongly typed handler does not compile. */
export type Handlers = { [M in MethodName]: (input: ParsedInput<M>) => Promise<Output<M>> };

/** What the machine tells the window unasked. Built by the trusted side: typed, not parsed. */
export interface Events {
  'card.state': ReaderState;
  'card.read': CardRead;
  'card.photo': CardPhoto;
  'central.state': LineState;
  'central.hint': { head: number };
  'print.state': Sheet;
  'clerk.changed': ClerkState;
  'master.changed': { name: MasterName };
  'settings.changed': Settings;
}
// Proves at compile time that the event list and the event types are the same list.
export type EventsAreComplete = EventName extends keyof Events
  ? keyof Events extends EventName
    ? true
    : never
  : never;
export const eventsAreComplete: EventsAreComplete = true;
