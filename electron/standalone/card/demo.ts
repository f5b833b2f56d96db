import { join } from 'node:path';
import { CodedError } from '../../../shared/contract/errors.ts';
import { DEVICE_ENDS, type ReaderKind } from '../../adapters/simulated/card-reader/device-ends.ts';
import type { ScenePlay } from '../../adapters/simulated/card-reader/scene.ts';
import { loadScene, loadScenes, playScene } from '../../adapters/simulated/card-reader/scene.ts';
import type { Scene } from '../../adapters/simulated/card-reader/scene.ts';
import {
  createSimulatedReader,
  DEMO_LATENCY,
  type SimulatedReader,
} from '../../adapters/simulated/card-reader/simulated-reader.ts';
import { UsageError, type CardAround } from './around.ts';

export interface DemoOptions {
  carrier: ReaderKind;
  /** Name of a shipped scene, or a file. */
  scene: string | undefined;
  /** Card to lay down when there is no scene. */
  card: string | undefined;
  /** How often, when there is no scene. */
  times: number;
}

export interface Demo {
  reader: SimulatedReader;
  /** The setting `reader.profile` that takes it into use. */
  choice: string;
  /** To be called when the reader waits for a card; calls after the first go unheard. */
  begin(): void;
  end(): void;
}

const LAID_AFTER_MS = 300;
/** How long a card lies when there is no scene: longer than a read and its presence polls. */
const LIES_MS = 2500;
const LIFTED_MS = 1000;

/** A simulated reader and somebody who lays cards on it. */
export async function openDemo(around: CardAround, options: DemoOptions): Promise<Demo> {
  const { clock } = around;
  const reader = createSimulatedReader({ clock, latency: DEMO_LATENCY, carrier: options.carrier });
  const scene = options.scene === undefined ? null : await findScene(around, options.scene);
  const known = reader.cards.list().map(({ id }) => id);
  const card = options.card ?? known[0] ?? '';
  if (!known.includes(card)) throw new UsageError(around.words.own.unknownCard(card, known.join(', ')));
  let play: ScenePlay | null = null;
  let cancel = (): void => undefined;
  let begun = false;

  const lay = (left: number): void => {
    if (left <= 0) return;
    reader.cards.place(card);
    cancel = clock.after(LIES_MS, () => {
      reader.cards.lift();
      cancel = clock.after(LIFTED_MS, () => lay(left - 1));
    });
  };

  return {
    reader,
    choice: DEVICE_ENDS[options.carrier].choice,
    begin() {
      if (begun) return;
      begun = true;
      if (scene) play = playScene(reader, scene, clock);
      else cancel = clock.after(LAID_AFTER_MS, () => lay(options.times));
    },
    end() {
      cancel();
      play?.stop();
    },
  };
}

/** @throws UsageError when there is none, or it does not hold */
export async function findScene(around: CardAround, name: string): Promise<Scene> {
  const { words, resources, log } = around;
  const shipped = await loadScenes(join(resources, 'readers/scenes'), log);
  const found = shipped.find(({ id }) => id === name);
  if (found) return found;
  if (!/[./\\]/.test(name))
    throw new UsageError(words.own.unknownScene(name, shipped.map(({ id }) => id).join(', ')));
  try {
    return await loadScene(name);
  } catch (error) {
    throw new UsageError(error instanceof CodedError ? `${name}: ${error.message}` : String(error));
  }
}
