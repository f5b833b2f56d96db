import { describe, expect, it } from 'vitest';
import { createHallTurns } from '../../server/api/hall-turns.ts';
import { createMetrics } from '../../server/api/metrics.ts';

const turn = () => new Promise<void>((done) => setTimeout(done, 2));

describe('the turns of the halls', () => {
  it('a burst of one hall does not keep another waiting, and no hall takes more than its part', async () => {
    const turns = createHallTurns();
    const done: string[] = [];
    let [running, most] = [0, 0];
    const burst = Array.from({ length: 50 }, () =>
      turns.run('a', async () => {
        most = Math.max(most, ++running);
        await turn();
        running--;
        done.push('a');
      }),
    );
    await turns.run('b', async () => {
      await turn();
      done.push('b');
    });
    expect(done.indexOf('b')).toBeLessThan(10);
    await Promise.all(burst);
    expect(done).toHaveLength(51);
    expect(most).toBe(2);
    expect(turns.waiting()).toBe(0);
  });

  it('asks the hundredth and more of a hall to come again, and a failure gives its place back', async () => {
    const turns = createHallTurns();
    const all = Array.from({ length: 110 }, (_, n) =>
      turns.run('a', async () => {
        await turn();
        if (n === 0) throw new Error('failed');
        return n;
      }),
    );
    const ends = await Promise.allSettled(all);
    expect(ends.filter((end) => end.status === 'rejected')).toHaveLength(1);
    expect(ends.filter((end) => end.status === 'fulfilled' && end.value === null)).toHaveLength(8);
    expect(await turns.run('a', () => Promise.resolve('again'))).toBe('again');
  });
});

it('figures are given as Prometheus reads them', () => {
  const metrics = createMetrics();
  metrics.add('calls', { path: '/v1/"push', status: '200' });
  metrics.add('calls', { path: '/v1/"push', status: '200' }, 2);
  metrics.observe('/v1/pull', 0.03);
  expect(metrics.text()).toContain('calls{path="/v1/_push",status="200"} 3\n');
  expect(metrics.text()).toContain('zongchuang_call_seconds_bucket{path="/v1/pull",le="0.02"} 0\n');
  expect(metrics.text()).toContain('zongchuang_call_seconds_bucket{path="/v1/pull",le="0.1"} 1\n');
});
