import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CodedError } from '../../../../shared/contract/errors.ts';
import type { ClockPort } from '../../../core/ports/clock.ts';
import type { LogPort } from '../../../core/ports/log.ts';
import type { Fault } from './faults.ts';
import { FAULT_TRIGGERS } from './faults.ts';
import type { SimulatedReader } from './simulated-reader.ts';

/**
 * What happens at a counter, as data (`resources/readers/scenes/*.json`): which card is laid down when, when the
 * cable is pulled, what goes wrong. For tests, for training new clerks, and for the command line.
 * `scene.schema.json` beside those files is made from this schema.
 */

const hexByte = z.string().regex(/^[0-9A-Fa-f]{2}$/);
const milliseconds = z.number().int().min(0).max(3_600_000);

const faultSchema = z
  .strictObject({
    on: z.enum(FAULT_TRIGGERS).describe('The request that goes wrong'),
    times: z
      .union([z.number().int().min(1), z.literal('always')])
      .default(1)
      .describe('How many such requests'),
    status: hexByte.optional().describe('SW3 in place of the answer'),
    sw: z
      .string()
      .regex(/^[0-9A-Fa-f]{4}$/)
      .optional()
      .describe('SW1 and SW2 with that status'),
    lift: z.literal(true).optional().describe('The card is taken away as the command arrives'),
    cloudOnly: z.literal(true).optional().describe('The module has no SAM of its own'),
    odd: z.literal(true).optional().describe('Bytes that begin like a frame and are none'),
    silent: z.literal(true).optional().describe('No answer'),
    lateMs: milliseconds.optional(),
    damage: z.enum(['checksum', 'length', 'half', 'envelope']).optional(),
    stray: z
      .string()
      .regex(/^([0-9A-Fa-f]{2})+$/)
      .optional()
      .describe('Bytes in front of the answer'),
    unplug: z.enum(['at-once', 'half-way']).optional(),
  })
  .describe('One thing that goes wrong');

const ACTIONS = ['place', 'lift', 'unplug', 'plug', 'fault', 'clearFaults'] as const;

const stepSchema = z
  .strictObject({
    at: milliseconds.optional().describe('Milliseconds from the beginning of the scene'),
    after: milliseconds.optional().describe('Milliseconds from the step before'),
    place: z.string().min(1).optional().describe('Id of the card to lay on the reader'),
    lift: z.literal(true).optional(),
    unplug: z.literal(true).optional(),
    plug: z.literal(true).optional(),
    fault: faultSchema.optional(),
    clearFaults: z.literal(true).optional(),
  })
  .refine((step) => ACTIONS.filter((action) => step[action] !== undefined).length === 1, {
    message: `exactly one of ${ACTIONS.join(', ')}`,
  })
  .refine((step) => step.at === undefined || step.after === undefined, {
    message: 'either at or after',
  });

export const sceneSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  name: z.string().min(1).max(40).describe('Shown to whoever chooses a scene'),
  about: z.string().min(1).max(200).describe('What happens, and what the clerk is to learn from it'),
  steps: z.array(stepSchema).min(1).max(500),
  expect: z
    .strictObject({
      reads: z.array(z.string()).describe('Ids of the cards read, in order'),
      through: z
        .array(z.string())
        .default([])
        .describe(
          'States passed through in this order, perhaps with others between: phase or phase:ERROR_CODE',
        ),
      end: z.string().describe('The state it comes to rest in'),
    })
    .describe('Where the program has to arrive'),
});
export type Scene = z.infer<typeof sceneSchema>;
type Step = Scene['steps'][number];

/** @throws CodedError WIRE_BAD_INPUT with what is wrong with it */
export function parseScene(json: unknown): Scene {
  const parsed = sceneSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new CodedError('WIRE_BAD_INPUT', z.prettifyError(parsed.error));
}

/** One scene from its file. @throws CodedError WIRE_BAD_INPUT with the reason when there is none or it does not hold */
export async function loadScene(path: string): Promise<Scene> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CodedError('WIRE_BAD_INPUT', String(error), { cause: error });
  }
  return parseScene(json);
}

/**
 * The scenes of a folder by their file names; one that does not hold is left out with a line in the log.
 * @param folder `<resources>/readers/scenes`; a missing folder is empty
 */
export async function loadScenes(folder: string, log: LogPort): Promise<Scene[]> {
  const names = await readdir(folder).catch(() => []);
  const scenes: Scene[] = [];
  for (const name of names.filter((n) => n.endsWith('.json') && !n.endsWith('.schema.json')).sort()) {
    try {
      scenes.push(await loadScene(join(folder, name)));
    } catch (error) {
      log.write('warning', 'id-card', 'scene left out', { name, reason: String(error) });
    }
  }
  return scenes;
}

/** How long a scene takes, milliseconds from its beginning to its last step. */
export function sceneLength(scene: Scene): number {
  return timesOf(scene.steps).at(-1) ?? 0;
}

export interface ScenePlay {
  /** Resolves when the last step is done or the play was stopped; never rejects. */
  done: Promise<void>;
  /** Ends it and puts the reader right again: faults cleared, card lifted, plugged in. */
  stop(): void;
}

/**
 * Plays a scene on a simulated reader. What the steps did stays when the last one is done.
 * @throws CodedError WIRE_BAD_INPUT when it names a card that the reader does not have
 */
export function playScene(reader: SimulatedReader, scene: Scene, clock: ClockPort): ScenePlay {
  const cards = new Set(reader.cards.list().map(({ id }) => id));
  const missing = scene.steps.find(({ place }) => place !== undefined && !cards.has(place))?.place;
  if (missing !== undefined) throw new CodedError('WIRE_BAD_INPUT', `no such demo card: ${missing}`);
  const times = timesOf(scene.steps);
  const began = clock.monotonic();
  let cancel = (): void => undefined;
  let ended = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const next = (i: number): void => {
    const step = scene.steps[i];
    if (!step) {
      ended();
      return;
    }
    // Counted from the beginning, so that late timers do not add up.
    cancel = clock.after(Math.max(0, began + (times[i] ?? 0) - clock.monotonic()), () => {
      act(reader, step);
      next(i + 1);
    });
  };
  next(0);
  return {
    done,
    stop() {
      cancel();
      reader.faults.clear();
      reader.cards.lift();
      reader.faults.plug();
      ended();
    },
  };
}

function timesOf(steps: readonly Step[]): number[] {
  let time = 0;
  return steps.map(({ at, after = 0 }) => (time = Math.max(time, at ?? time + after)));
}

function act(reader: SimulatedReader, step: Step): void {
  if (step.place !== undefined) reader.cards.place(step.place);
  if (step.lift) reader.cards.lift();
  if (step.unplug) reader.faults.unplug();
  if (step.plug) reader.faults.plug();
  if (step.fault) reader.faults.add(faultOf(step.fault));
  if (step.clearFaults) reader.faults.clear();
}

function faultOf(fault: z.infer<typeof faultSchema>): Fault {
  const { times, status, sw, stray, ...same } = fault;
  const made: Fault = { ...without(same), times: times === 'always' ? Infinity : times };
  if (status !== undefined) made.status = Number.parseInt(status, 16);
  const [sw1, sw2] = bytesOf(sw ?? '');
  if (sw1 !== undefined && sw2 !== undefined) made.sw = [sw1, sw2];
  if (stray !== undefined) made.stray = Uint8Array.from(bytesOf(stray));
  return made;
}

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the fields that are there and undefined. */
function without<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

function bytesOf(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}
