import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import pg from 'pg';

/**
 * What a hall without an offline client has: a form that is posted to a server and is gone when the line is down. The
 * least such a server can do, on the same PostgreSQL: parse, insert, commit, answer.
 */
export async function openServerOnly(dataFolder) {
  const pool = new pg.Pool({
    connectionString: readFileSync(join(dataFolder, 'database-url'), 'utf8').trim(),
    max: 2,
  });
  await pool.query('create table if not exists bench_form (id bigserial primary key, body text)');
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => (body += data));
    request.on('end', async () => {
      await pool.query('insert into bench_form (body) values ($1)', [JSON.stringify(JSON.parse(body))]);
      response.end('{"ok":true}');
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    async measure(runs) {
      const times = [];
      for (let i = 0; i < runs; i++) {
        const began = performance.now();
        await (await fetch(url, { method: 'POST', body: JSON.stringify({ text: 'x'.repeat(3000) }) })).text();
        times.push(performance.now() - began);
      }
      return times;
    },
    async close() {
      await pool.query('drop table bench_form');
      await pool.end();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
