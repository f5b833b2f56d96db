import { connect, createServer } from 'node:net';

/** A TCP cable that can be pulled and that counts what goes through it. */
export async function startCable(target) {
  const { hostname, port } = new URL(target);
  const sockets = new Set();
  let joined = true;
  let bytes = 0;
  const proxy = createServer((near) => {
    if (!joined) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(one);
      one.on('data', (data) => (bytes += data.length));
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${proxy.address().port}`,
    bytes: () => bytes,
    cut() {
      joined = false;
      for (const socket of sockets) socket.destroy();
    },
    restore() {
      joined = true;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => proxy.close(done));
    },
  };
}
