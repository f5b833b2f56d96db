// What a hall would use instead, in the same browser: PouchDB and RxDB, as their own guides set them up.
import { createRxDatabase } from 'rxdb/plugins/core';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { caseDocument } from './documents.ts';

const { PouchDB } = window;

const pouch = (adapter, options) => ({
  async fill(count) {
    const db = new PouchDB('made', { adapter });
    for (let from = 0; from < count; from += 1000) {
      await db.bulkDocs(
        Array.from({ length: Math.min(1000, count - from) }, (_, i) => ({
          _id: caseDocument(from + i).caseNo,
          ...caseDocument(from + i),
        })),
      );
    }
  },
  async push(url) {
    await new PouchDB('made', { adapter }).replicate.to(`${url}/hall`, options);
  },
  async pull(url) {
    const db = new PouchDB('pulled', { adapter });
    await db.replicate.from(`${url}/hall`, options);
    return (await db.info()).doc_count;
  },
});

async function rxCollection(name) {
  const database = await createRxDatabase({ name, storage: getRxStorageDexie(), multiInstance: false });
  const text = { type: 'string' };
  const { cases } = await database.addCollections({
    cases: {
      schema: {
        version: 0,
        primaryKey: 'caseNo',
        type: 'object',
        properties: { caseNo: { type: 'string', maxLength: 50 }, hallName: text },
        required: ['caseNo'],
        additionalProperties: true,
      },
    },
  });
  return cases;
}

async function ask(url, body) {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return answer.json();
}

const rx = (batchSize) => {
  let made = null;
  return {
    async fill(count) {
      made = await rxCollection('made');
      for (let from = 0; from < count; from += 1000) {
        await made.bulkInsert(
          Array.from({ length: Math.min(1000, count - from) }, (_, i) => caseDocument(from + i)),
        );
      }
    },
    async push(url) {
      const state = replicateRxCollection({
        collection: made,
        replicationIdentifier: 'push',
        live: false,
        push: { batchSize, handler: (rows) => ask(`${url}/push`, rows) },
      });
      await state.awaitInitialReplication();
    },
    async pull(url) {
      const collection = await rxCollection('pulled');
      const state = replicateRxCollection({
        collection,
        replicationIdentifier: 'pull',
        live: false,
        pull: {
          batchSize,
          handler: (checkpoint, limit) => ask(`${url}/pull`, { checkpoint: checkpoint ?? null, limit }),
        },
      });
      await state.awaitInitialReplication();
      return collection.count().exec();
    },
  };
};

const PEERS = {
  'pouch-default': pouch('idb', {}),
  'pouch-tuned': pouch('indexeddb', { batch_size: 1000, batches_limit: 10 }),
  'rx-default': rx(100),
  'rx-tuned': rx(1000),
};

Object.assign(window, { peers: PEERS });
