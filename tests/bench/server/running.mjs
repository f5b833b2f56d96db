// The built server on its own PostgreSQL, and devices written straight into its tables.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { root } from '../../../electron/launcher/root.mjs';

export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'zc-load-'));
  chmodSync(folder, 0o711);
  const child = spawn(
    process.execPath,
    [join(root, 'out/server/index.js'), 'serve', '--data', folder, '--port', '0'],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const word = await new Promise((done, failed) => {
    child.once('message', done);
    child.once('exit', () => failed(new Error('the server ended before it was ready')));
  });
  if (word.type !== 'ready') throw new Error(word.sentence);
  const pool = new pg.Pool({
    connectionString: readFileSync(join(folder, 'database-url'), 'utf8').trim(),
    max: 2,
  });
  pool.on('error', () => undefined);
  const { hostname, port } = new URL(word.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    pid: child.pid,
    url: word.url,
    pool,
    /** Resident memory of the server's process, bytes. */
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) * 1024,
    async admit(fleet) {
      const halls = [...new Set(fleet.map(({ hall }) => hall))];
      await pool.query(
        'insert into hall (hall, name) select h, h from unnest($1::text[]) h on conflict do nothing',
        [halls],
      );
      const column = (name) => fleet.map((device) => device[name]);
      await pool.query(
        `insert into device (dev, hall, station, station_name, series, public_key)
         select d, h, s, s, f, k from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as t (d, h, s, f, k)`,
        [column('dev'), column('hall'), column('station'), column('series'), column('publicKey')],
      );
      await pool.query(
        `insert into session (token_hash, dev, expires_at) select h, d, now() + interval '1 hour' from unnest($1::text[], $2::text[]) as t (h, d)`,
        [column('tokenHash'), column('dev')],
      );
    },
    /** @returns status, once the whole answer is here */
    push: (token, body) =>
      new Promise((done, failed) => {
        const call = request(
          {
            hostname,
            port,
            path: '/v1/push',
            method: 'POST',
            agent,
            headers: {
              'content-type': 'application/json',
              'content-length': body.length,
              authorization: `Bearer ${token}`,
            },
          },
          (answer) => {
            answer.resume();
            answer.on('end', () => done(answer.statusCode));
          },
        );
        call.on('error', failed);
        call.end(body);
      }),
    async stop() {
      agent.destroy();
      await pool.end();
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends everything, each device its own in order, so many at once. @returns seconds it took and each push's milliseconds */
export async function sendAll(server, fleet, atOnce = 16) {
  const waiting = [...fleet];
  const times = [];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let device = waiting.pop(); device; device = waiting.pop()) {
        for (const body of device.bodies) {
          const start = performance.now();
          const status = await server.push(device.token, body);
          if (status !== 200) throw new Error(`a push was answered ${status}`);
          times.push(performance.now() - start);
        }
      }
    }),
  );
  return { seconds: (performance.now() - began) / 1000, times };
}
