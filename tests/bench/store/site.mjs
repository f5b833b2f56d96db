// The page of the bench and the stream's pages, from one origin: IndexedDB belongs to scheme, host and port.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { build } from 'vite';

/** @param folder with the stream's pages in `pages`; the script is built into `site` */
export async function serveSite(folder) {
  await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      lib: { entry: resolve(import.meta.dirname, 'page.ts'), formats: ['es'], fileName: 'page' },
      outDir: join(folder, 'site'),
      target: 'chrome109',
    },
  });
  const server = createServer((request, response) => {
    const path = /^\/(pages\/\d+\.json|[\w-]+\.js)$/.exec(request.url ?? '')?.[1];
    response.setHeader(
      'content-type',
      path === undefined
        ? 'text/html; charset=utf-8'
        : path.endsWith('.js')
          ? 'text/javascript'
          : 'application/json',
    );
    if (path === undefined)
      return response.end(
        '<!doctype html><title>store</title><script type="module" src="/page.js"></script>',
      );
    createReadStream(join(folder, path.endsWith('.js') ? `site/${path}` : path)).pipe(response);
  });
  // One origin for all runs of a profile: IndexedDB belongs to scheme, host and port.
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
