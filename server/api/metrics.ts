import type { FastifyInstance } from 'fastify';
import type { ApiParts } from './api-parts.ts';
import { refuse } from './refuse.ts';

const LOCAL = /^(::1|(::ffff:)?127\.)/;
/** Upper ends of the buckets of call times, seconds. */
const BUCKETS = [0.005, 0.02, 0.1, 0.5, 2, 10];

/** Numbers for whoever watches the server: how much and how long, never who or what. */
export interface Metrics {
  add(name: string, labels: Record<string, string>, by?: number): void;
  observe(path: string, seconds: number): void;
  /** A figure that is read when it is asked for. */
  gauge(name: string, read: () => number): void;
  /** Prometheus text format 0.0.4. */
  text(): string;
}

export function createMetrics(): Metrics {
  const counters = new Map<string, Map<string, number>>();
  const times = new Map<string, { buckets: number[]; sum: number; count: number }>();
  const gauges = new Map<string, () => number>();
  const label = (labels: Record<string, string>): string => {
    const parts = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/["\\\n]/g, '_')}"`);
    return parts.length === 0 ? '' : `{${parts.join(',')}}`;
  };
  return {
    add(name, labels, by = 1) {
      const series = counters.get(name) ?? new Map<string, number>();
      counters.set(name, series);
      const key = label(labels);
      series.set(key, (series.get(key) ?? 0) + by);
    },
    observe(path, seconds) {
      const time = times.get(path) ?? { buckets: BUCKETS.map(() => 0), sum: 0, count: 0 };
      times.set(path, time);
      time.sum += seconds;
      time.count += 1;
      BUCKETS.forEach((end, index) => {
        if (seconds <= end) time.buckets[index] = (time.buckets[index] ?? 0) + 1;
      });
    },
    gauge: (name, read) => void gauges.set(name, read),
    text() {
      const lines: string[] = [];
      for (const [name, series] of counters) {
        lines.push(`# TYPE ${name} counter`);
        for (const [key, value] of series) lines.push(`${name}${key} ${value}`);
      }
      if (times.size > 0) lines.push('# TYPE zongchuang_call_seconds histogram');
      for (const [path, { buckets, sum, count }] of times) {
        BUCKETS.forEach((end, index) =>
          lines.push(
            `zongchuang_call_seconds_bucket${label({ path, le: String(end) })} ${buckets[index] ?? 0}`,
          ),
        );
        lines.push(`zongchuang_call_seconds_bucket${label({ path, le: '+Inf' })} ${count}`);
        lines.push(`zongchuang_call_seconds_sum${label({ path })} ${sum}`);
        lines.push(`zongchuang_call_seconds_count${label({ path })} ${count}`);
      }
      for (const [name, read] of gauges) lines.push(`# TYPE ${name} gauge`, `${name} ${read()}`);
      return `${lines.join('\n')}\n`;
    },
  };
}

/** GET /metrics, for this machine alone: a collector runs beside the server, and strangers need not know its load. */
export function metricsCall(app: FastifyInstance, { metrics, database, turns }: ApiParts): void {
  metrics.gauge('zongchuang_memory_bytes', () => process.memoryUsage().rss);
  metrics.gauge('zongchuang_database_waiting', () => database.pool.waitingCount);
  metrics.gauge('zongchuang_pushes_waiting', () => turns.waiting());
  app.addHook('onResponse', async (request, reply) => {
    const path = request.routeOptions.url ?? '(none)';
    metrics.add('zongchuang_calls_total', { path, status: String(reply.statusCode) });
    // A parked request takes as long as it is meant to.
    if (!path.startsWith('/v1/hints')) metrics.observe(path, reply.elapsedTime / 1000);
  });
  app.get('/metrics', async (request, reply) => {
    if (!LOCAL.test(request.ip)) return refuse(reply, 'not-found', 'no such call');
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics.text());
  });
}
