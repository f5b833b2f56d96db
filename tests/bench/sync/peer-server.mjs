// The peers' own servers, each in a process of its own so that its cost can be told: `node peer-server.mjs pouch|rx FOLDER`.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [, , kind, folder] = process.argv;
const require = createRequire(join(import.meta.dirname, 'peers/package.json'));
const cross = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': '*',
};

/** CouchDB's protocol on LevelDB, by PouchDB's own server package. */
function pouchServer() {
  const express = require('express');
  const PouchDB = require('pouchdb').defaults({ prefix: `${folder}/` });
  const app = express();
  app.use((request, response, next) => {
    response.set({ ...cross, 'access-control-allow-origin': request.headers.origin ?? '*' });
    response.set('access-control-allow-credentials', 'true');
    response.set('access-control-allow-headers', 'content-type, accept');
    response.set('access-control-allow-methods', 'GET, PUT, POST, DELETE, HEAD');
    if (request.method === 'OPTIONS') response.end();
    else next();
  });
  app.use('/', require('express-pouchdb')(PouchDB, { mode: 'minimumForPouchDB', inMemoryConfig: true }));
  return createServer(app);
}

/** The endpoint of RxDB's HTTP guide, kept in memory: it costs no disk and is gone with the process. */
function rxServer() {
  const list = [];
  const byId = new Map();
  const calls = {
    '/push': (rows) => {
      const conflicts = [];
      for (const { newDocumentState: next, assumedMasterState: assumed } of rows) {
        const held = byId.get(next.caseNo);
        if (held && JSON.stringify(held.doc) !== JSON.stringify(assumed)) conflicts.push(held.doc);
        else {
          byId.set(next.caseNo, { doc: next });
          list.push(next);
        }
      }
      return conflicts;
    },
    '/pull': ({ checkpoint, limit }) => {
      const from = checkpoint?.at ?? 0;
      const documents = list.slice(from, from + limit);
      return { documents, checkpoint: { at: from + documents.length } };
    },
  };
  return createServer((request, response) => {
    response.setHeaders(new Map(Object.entries(cross)));
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const call = calls[request.url];
      if (request.method === 'POST' && call)
        response.end(JSON.stringify(call(JSON.parse(Buffer.concat(parts).toString()))));
      else response.end();
    });
  });
}

const server = kind === 'pouch' ? pouchServer() : rxServer();
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
