import { request } from 'node:http';
import { figures } from '../figures.mjs';

const ROUNDS = 10;

/** 2,000 windows of one hall listen at once; the slowest kind of news there is. */
export async function hintConnections(server, fleet) {
  await server.admit(fleet);
  await sleep(1_000);
  const before = server.memory();
  const heard = [];
  const times = [];
  let pushedAt = 0;
  const calls = [];
  for (const device of fleet) {
    calls.push(
      await listen(server.url, device.token, (head) => {
        if (head === 0 || pushedAt === 0) return;
        times.push(performance.now() - pushedAt);
        heard.push(head);
      }),
    );
  }
  await sleep(2_000);
  const perConnection = (server.memory() - before) / fleet.length;
  for (let round = 0; round < ROUNDS; round++) {
    const device = fleet[round];
    pushedAt = performance.now();
    if ((await server.push(device.token, device.bodies[0])) !== 200) throw new Error('a push was refused');
    await sleep(500);
  }
  for (const call of calls) call.destroy();
  if (heard.length < fleet.length * ROUNDS * 0.99) throw new Error(`only ${heard.length} hints were heard`);
  return [
    {
      name: `${fleet.length.toLocaleString('en')} hint connections, from the push to each of them`,
      unit: 'ms',
      target: 100,
      ours: figures(times),
    },
    { name: 'Memory of a hint connection', unit: 'KB', target: 15, ours: figures([perConnection / 1024]) },
  ];
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** @returns the open connection, once the server's first word is here */
function listen(url, token, onHead) {
  return new Promise((done, failed) => {
    const call = request(`${url}/v1/hints/stream?since=0`, {
      agent: false,
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    });
    call.on('error', failed);
    // A server that stops while it still listens says so on the socket itself.
    call.on('socket', (socket) => socket.on('error', () => undefined));
    call.on('response', (answer) => {
      if (answer.statusCode !== 200) return failed(new Error(`answered ${answer.statusCode}`));
      answer.setEncoding('utf8');
      answer.on('error', () => undefined);
      answer.on('data', (text) => {
        for (const [, head] of text.matchAll(/"head":(\d+)/g)) onHead(Number(head));
        done(call);
      });
    });
    call.end();
  });
}
