import type { HttpPort, HttpRequest, HttpResponse } from '../../../electron/core/ports/http.ts';
import type { Life } from './disk.ts';
import { unreachable } from './model-server.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What is wrong with one PC's cable at the moment; probabilities per request. */
export interface Weather {
  /** Nothing gets through: what is sent, what comes back, or both. */
  partition: 'none' | 'out' | 'in' | 'both';
  loss: number;
  /** Carried out, and the answer never comes. */
  answerLoss: number;
  /** The request arrives twice, the second time late. */
  twice: number;
  /** The answer ends somewhere in the middle. */
  cut: number;
  /** Something between answers from its memory. */
  stale: number;
  /** A hotel's gateway answers everything with a friendly page. */
  portal: boolean;
  /** Something between is busy: 429 and 503. */
  busy: number;
  /** Longest way there or back, milliseconds. */
  slow: number;
}

export const FAIR: Weather = {
  partition: 'none',
  loss: 0,
  answerLoss: 0,
  twice: 0,
  cut: 0,
  stale: 0,
  portal: false,
  busy: 0,
  slow: 30,
};

const PORTAL: HttpResponse = {
  status: 200,
  contentType: 'text/html',
  headers: {},
  body: '<html>请先登录上网</html>',
};

/** The cable of one PC. `serve` is the server's end. */
export function createCable(ports: {
  world: World;
  random: Random;
  name: string;
  serve: (asked: HttpRequest) => Promise<HttpResponse>;
}): { weather: Weather; httpFor(life: Life): HttpPort } {
  const { world, random, name, serve } = ports;
  const remembered = new Map<string, HttpResponse>();
  const cable = { weather: { ...FAIR }, httpFor };

  function httpFor(life: Life): HttpPort {
    return {
      request: (asked) =>
        new Promise((resolve, reject) => {
          const path = asked.url.replace(/^.*\/v1/, '').replace(/&n=.*/, '');
          let over = false;
          const end = (how: () => void, said: string): void => {
            if (over) return;
            over = true;
            cancel();
            asked.signal?.removeEventListener('abort', aborted);
            if (!life.alive) return;
            world.note(name, `${asked.method} ${path}${ask(asked)} → ${said}`);
            how();
          };
          const fail = (why: string): void => end(() => reject(unreachable(why)), why);
          const aborted = (): void => fail('aborted');
          const cancel = world.after(asked.timeoutMs, () => fail('timeout'));
          if (asked.signal?.aborted) {
            fail('aborted');
            return;
          }
          asked.signal?.addEventListener('abort', aborted);
          send(asked, path, (answer, said) => end(() => resolve(answer), said), fail);
        }),
    };
  }

  function send(
    asked: HttpRequest,
    path: string,
    answered: (answer: HttpResponse, said: string) => void,
    fail: (why: string) => void,
  ): void {
    const { weather } = cable;
    const way = (): number => random.between(1, weather.slow);
    if (weather.partition === 'out' || weather.partition === 'both' || random.chance(weather.loss)) {
      // Some networks say so, others swallow it.
      if (random.chance(0.5)) world.after(way(), () => fail('no route'));
      return;
    }
    if (weather.portal) {
      world.after(way(), () => answered(PORTAL, 'portal'));
      return;
    }
    if (random.chance(weather.busy)) {
      const status = random.pick([429, 503]);
      const headers = { 'retry-after': String(random.between(1, 6)) };
      world.after(way(), () =>
        answered({ status, contentType: 'text/plain', headers, body: '' }, `busy ${status}`),
      );
      return;
    }
    const old = remembered.get(path);
    if (asked.method === 'GET' && old && random.chance(weather.stale)) {
      world.after(way(), () => answered(old, `stale ${summary(old)}`));
      return;
    }
    if (random.chance(weather.twice)) world.after(way() + random.between(0, 8000), () => void arrive(true));
    world.after(way(), () => void arrive(false));

    async function arrive(again: boolean): Promise<void> {
      let answer: HttpResponse;
      try {
        answer = await serve(asked);
      } catch (error) {
        if (!again) world.after(way(), () => fail(error instanceof Error ? error.message : String(error)));
        return;
      }
      if (again) {
        world.note(name, `${asked.method} ${path}${ask(asked)} ⇒ ${summary(answer)} (arrived twice)`);
        return;
      }
      const { partition, answerLoss, cut } = cable.weather;
      if (partition === 'in' || partition === 'both' || random.chance(answerLoss)) return;
      if (random.chance(cut)) {
        const body = answer.body.slice(0, random.below(answer.body.length));
        world.after(way(), () => answered({ ...answer, body }, 'cut'));
        return;
      }
      if (asked.method === 'GET' && answer.status === 200) remembered.set(path, answer);
      world.after(way(), () => answered(answer, summary(answer)));
    }
  }

  return cable;
}

/** What a line of the trace says of a request; read off the text, because parsing it all costs more than the call. */
const ask = ({ body: sent }: HttpRequest): string => {
  const body = typeof sent === 'string' ? sent : '';
  const inc = /"inc":"(\w{4})/.exec(body)?.[1];
  if (inc === undefined) return '';
  const from = /"from":(\d+)/.exec(body)?.[1] ?? /"seq":(\d+)/.exec(body)?.[1] ?? '';
  const cursor = /"cursor":(\d+),"streamHash"/.exec(body)?.[1];
  return ` ${inc}/${from}${cursor === undefined ? '' : ` at ${cursor}`}`;
};

const summary = ({ status, body }: HttpResponse): string => {
  const empty = body.includes('"events":[]') ? ' ×0' : '';
  const ends = body.length > 400 ? body.slice(0, 100) + body.slice(-200) : body;
  const said = ends.match(/"(error|action|expected|upTo|head|epoch|seq)":"?[\w-]+/g) ?? [];
  return `${status} ${said.join(' ').replaceAll('"', '')}${empty}`;
};
