// Mistakes put into the product on purpose, so that the soak shows that it would find them.
export const PLANTS = {
  // Planner: what the journal gives again counts as unsent, although it has its place in the hall.
  'planner-places': {
    file: 'shared/sync/plan.ts',
    find: 'advance(own, kept, is.cursor !== undefined);',
    replace: 'advance(own, kept, cursor !== undefined);',
  },
  // Planner: a window that calls what another holds simply takes it.
  'planner-calls': {
    file: 'shared/domain/ticket/reducer.ts',
    find: "return free ? 'applies' : clash('called-twice', held);",
    replace: "return free ? 'applies' : 'applies';",
  },
  // Engine: after a server that lost its newest events the old order is kept.
  'engine-order': {
    file: 'shared/sync/engine.ts',
    find: 'await store.forgetOrder(epoch, common);',
    replace: 'void [epoch, common];',
  },
  // Journal: a record counts as saved before it is flushed.
  'journal-flush': {
    file: 'electron/core/journal/writer.ts',
    find: 'await timedSync(to.file);',
    replace: 'await Promise.resolve();',
  },
  // Core: what a server lost after it had acknowledged it is not sent again.
  'core-rewound': {
    file: 'electron/core/central/session.ts',
    find: 'journal.forgetAcknowledged();',
    replace: 'void 0;',
  },
  // Core: an acknowledgement counts for one event more than the server said.
  'core-acknowledged': {
    file: 'electron/core/central/push.ts',
    find: 'journal.acknowledge(batch.inc, upTo);',
    replace: 'journal.acknowledge(batch.inc, upTo + 1);',
  },
  // Server (its model; the conformance test holds the real one to it): a repeated push is taken again.
  'server-repeat': {
    file: 'tests/sync/simulation/model-server.ts',
    find: 'const fresh = kept.slice(there.length);',
    replace: 'const fresh = kept;',
  },
};
