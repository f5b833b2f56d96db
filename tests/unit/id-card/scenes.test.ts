import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  loadScene,
  loadScenes,
  parseScene,
  playScene,
  sceneLength,
  sceneSchema,
} from '../../../electron/adapters/simulated/card-reader/scene.ts';
import type { Scene } from '../../../electron/adapters/simulated/card-reader/scene.ts';
import { DEVICE_ENDS } from '../../../electron/adapters/simulated/card-reader/device-ends.ts';
import type { ReaderKind } from '../../../electron/adapters/simulated/card-reader/device-ends.ts';
import { demoPeople } from '../../../electron/adapters/simulated/card-reader/people.ts';
import { createSimulatedReader } from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import { parseCardText } from '../../../shared/domain/card/parse-card-text.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { phase, READ_TAKES, waiting } from './desk.ts';
import { createFakeClock } from './fake-clock.ts';

const FOLDER = new URL('../../../resources/readers/scenes/', import.meta.url).pathname;
const lines: string[] = [];
const log = {
  write: (_: string, __: string, text: string, data?: unknown) =>
    void lines.push(`${text} ${JSON.stringify(data)}`),
};
const scenes = await loadScenes(FOLDER, log);

/** Who a document belongs to, as the scenes call them. */
const idOf = new Map(demoPeople().map((card) => [parseCardText(card.text).number, card.id]));
/** Whatever a scene ends in has come by then. */
const REST_MS = 15_000;

/** Plays a scene before the real reader logic, with a reader as fast as a real one. */
async function played(scene: Scene, real: Parameters<typeof waiting>[0] = {}) {
  const desk = await waiting({ ...real, real: { latency: READ_TAKES, ...real.real } });
  const play = playScene(desk.real, scene, desk.clock);
  await desk.clock.advance(sceneLength(scene));
  await play.done;
  await desk.clock.advance(REST_MS);
  const reads = desk.reads.map(({ document }) => idOf.get(document.number));
  const result = { reads, phases: desk.phases(), end: phase(desk) };
  await desk.reader.stop();
  return result;
}

/** As much of the expected states as comes in this order, others between them or not. */
function passed(phases: readonly string[], through: readonly string[]): string[] {
  let at = 0;
  for (const one of phases) if (one === through[at]) at += 1;
  return through.slice(0, at);
}

describe('the shipped scenes', () => {
  it('load without a word, each with an id and a name of its own', () => {
    expect(lines).toEqual([]);
    expect(scenes.length).toBeGreaterThanOrEqual(15);
    expect(new Set(scenes.map(({ id }) => id)).size).toBe(scenes.length);
    expect(new Set(scenes.map(({ name }) => name)).size).toBe(scenes.length);
  });

  it('are described by the JSON schema beside them', async () => {
    const written: unknown = JSON.parse(await readFile(join(FOLDER, 'scene.schema.json'), 'utf8'));
    expect(written).toEqual(z.toJSONSchema(sceneSchema, { io: 'input' }));
  });

  it.each(scenes.map((scene) => [scene.id, scene] as const))('%s reaches its end', async (_, scene) => {
    const { reads, phases, end } = await played(scene);
    expect({ reads, end }).toEqual({ reads: scene.expect.reads, end: scene.expect.end });
    expect(passed(phases, scene.expect.through), phases.join(' ')).toEqual(scene.expect.through);
  });

  // A serial port and a library are opened by their path and are never missed in a list: other states, the same end.
  it.each((Object.keys(DEVICE_ENDS) as ReaderKind[]).filter((kind) => kind !== 'miaxis'))(
    'reach the same end when the reader hangs on %s',
    async (carrier) => {
      for (const scene of scenes) {
        const { reads, end } = await played(scene, {
          real: { carrier },
          reader: { profile: DEVICE_ENDS[carrier].choice },
        });
        expect({ reads, end }, scene.id).toEqual({ reads: scene.expect.reads, end: scene.expect.end });
      }
    },
  );
});

describe('a scene', () => {
  const scene = (steps: unknown[], more: object = {}): unknown => ({
    id: 'a',
    name: 'A',
    about: 'a',
    steps,
    expect: { reads: [], end: 'waiting' },
    ...more,
  });

  it('happens at its times, counted from the beginning or from the step before', async () => {
    const clock = createFakeClock();
    const reader = createSimulatedReader({ clock });
    const did: string[] = [];
    const note = (what: string) => (): void => void did.push(`${what} ${String(clock.monotonic())}`);
    Object.assign(reader.cards, { place: note('place'), lift: note('lift') });
    Object.assign(reader.faults, { unplug: note('unplug'), plug: note('plug') });
    const steps = [
      { at: 100, place: 'jia' },
      { after: 50, lift: true },
      { unplug: true },
      { at: 400, plug: true },
    ];
    const play = playScene(reader, parseScene(scene(steps)), clock);
    await clock.advance(1000);
    await play.done;
    expect(did).toEqual(['place 100', 'lift 150', 'unplug 150', 'plug 400']);
    expect(sceneLength(parseScene(scene(steps)))).toBe(400);
  });

  it('stopped in the middle leaves the reader plugged in, empty and without faults', async () => {
    const steps = [
      { fault: { on: 'find', status: '66', times: 'always' } },
      { place: 'jia' },
      { after: 100, unplug: true },
      { after: 1000, place: 'yi' },
    ];
    const desk = await waiting();
    const play = playScene(desk.real, parseScene(scene(steps)), desk.clock);
    await desk.clock.advance(500);
    play.stop();
    await play.done;
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 10_000);
    await desk.clock.advance(5000);
    expect(desk.reads).toEqual([]);
    await desk.reader.stop();
  });

  it('that names an unknown card is refused before anything happens', () => {
    const clock = createFakeClock();
    const reader = createSimulatedReader({ clock });
    const bad = parseScene(scene([{ unplug: true }, { place: 'nobody' }]));
    expect(() => playScene(reader, bad, clock)).toThrow('no such demo card: nobody');
    expect(clock.timers()).toBe(0);
  });

  it.each([
    ['two actions in a step', [{ lift: true, unplug: true }], 'exactly one of'],
    ['a step without an action', [{ after: 3 }], 'exactly one of'],
    ['two times in a step', [{ at: 1, after: 1, lift: true }], 'either at or after'],
    ['no steps', [], 'steps'],
    ['a misspelt word', [{ lifted: true }], 'lifted'],
    ['a status that is no byte', [{ fault: { on: 'find', status: '9' } }], 'status'],
  ])('with %s is refused in words', (_, steps, words) => {
    expect(() => parseScene(scene(steps))).toThrow(words);
  });

  it('that is no file, or no JSON, is refused by code; in a folder it is left out and the others stay', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'a.json'), '{ not json');
    await writeFile(join(folder, 'b.json'), JSON.stringify(scene([{ lift: true }])));
    await expect(loadScene(join(folder, 'a.json'))).rejects.toMatchObject({ code: 'WIRE_BAD_INPUT' });
    await expect(loadScene(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'WIRE_BAD_INPUT' });
    lines.length = 0;
    expect((await loadScenes(folder, log)).map(({ id }) => id)).toEqual(['a']);
    expect(lines).toEqual([expect.stringContaining('a.json')]);
    expect(await loadScenes(join(folder, 'none'), log)).toEqual([]);
  });
});
