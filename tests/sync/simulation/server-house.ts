import type { HttpRequest, HttpResponse } from '../../../electron/core/ports/http.ts';
import { createModelServer, unreachable, type Backup, type ModelServer } from './model-server.ts';
import type { Random } from './random.ts';
import { never, type World } from './world.ts';

/** The house the server stands in: where it dies, is put back and is started again. */
export interface ServerHouse {
  model: ModelServer;
  serve(asked: HttpRequest): Promise<HttpResponse>;
  /** Down for so long; what is under way gets no answer. */
  crash(ms: number): void;
  /** The next push is committed, and then the process dies before it can answer or hint. */
  crashAfterCommit(ms: number): void;
  backup(): void;
  restore(): void;
  failOver(lostMs: number): void;
  up(): void;
}

export function createServerHouse(ports: {
  world: World;
  random: Random;
  verify: (publicKey: string, text: string, signature: string) => boolean;
}): ServerHouse {
  const { world, random } = ports;
  let fresh = 0;
  let generation = 0;
  let down = false;
  let armed: number | null = null;
  let kept: Backup | null = null;
  let cancelStart: () => void = () => undefined;

  const model = createModelServer({
    now: () => world.now(),
    after: (ms, run) => world.after(ms, run),
    epoch: 'epoch-0',
    fresh: (what) => `${what}-${++fresh}`,
    verify: ports.verify,
  });

  function crash(ms: number): void {
    down = true;
    generation++;
    model.die();
    cancelStart();
    cancelStart = world.after(ms, () => house.up());
    world.note('server', 'died');
  }

  const house: ServerHouse = {
    model,
    crash,
    async serve(asked) {
      if (down) throw unreachable('refused');
      const born = generation;
      await world.sleep(random.between(0, 12));
      // Requests that reach a dead process never were.
      if (born !== generation) throw unreachable('reset');
      const answered = model.handle(asked);
      if (armed !== null && asked.url.endsWith('/v1/push')) {
        const ms = armed;
        armed = null;
        crash(ms);
      }
      const answer = await answered;
      await world.sleep(random.between(0, 12));
      if (born !== generation) {
        // The machine may be gone without a word.
        if (random.chance(0.3)) return never();
        throw unreachable('reset');
      }
      return answer;
    },
    crashAfterCommit(ms) {
      armed = ms;
    },
    backup() {
      kept = model.backup();
      world.note('server', 'backed up');
    },
    restore() {
      if (!kept) return;
      generation++;
      model.die();
      model.restore(kept);
      world.note('server', `restored, ${model.epoch()}`);
    },
    failOver(lostMs) {
      generation++;
      model.die();
      model.failOver(world.now() - lostMs);
      world.note('server', `failed over, ${lostMs} ms lost`);
    },
    up() {
      cancelStart();
      armed = null;
      if (down) world.note('server', 'up');
      down = false;
    },
  };
  return house;
}
