import { createServerLog } from './api/log.ts';
import { HELP, readArguments, type ServerArguments } from './arguments.ts';
import { importExports } from './import.ts';
import { createParent } from './parent.ts';
import { ServerFault } from './server-fault.ts';
import { startServer, type RunningServer } from './start-server.ts';
import { backUp, renewTheEpoch, restore } from './backup/commands.ts';
import { clerkCommand } from './commands/clerk.ts';
import { deviceCommand } from './commands/device.ts';
import { masterCommand } from './commands/master.ts';
import { rebuildProjections } from './projections/rebuild.ts';
import { createCode, createDemoCode } from './store/codes.ts';
import { openStore, readDatabaseUrl, type Store } from './store/open-store.ts';

/** As in package.json; a test compares them. */
const VERSION = '0.1.0';
/** A stop that takes longer is ended, milliseconds; PostgreSQL mends itself from its log. */
const STOP_LIMIT_MS = 5_000;

/** Longest wait for a server that has the folder but no database yet, milliseconds. */
const BESIDE_LIMIT_MS = 10_000;

const parent = createParent();

async function serve(args: ServerArguments): Promise<void> {
  const log = createServerLog();
  const asked = new AbortController();
  const stop = (): void => asked.abort();
  // `on`, not `once`: a terminal and a launcher may both pass on the same Ctrl+C.
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', stop);
  // The launcher died: nobody is left to stop us.
  parent.onGone(stop);

  const server = await startServer({
    folder: args.data,
    databaseUrl: args.databaseUrl,
    host: args.host,
    port: args.port,
    version: VERSION,
    log,
  });
  const end = (): void => {
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    server.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  if (asked.signal.aborted) {
    end();
    return;
  }
  asked.signal.addEventListener('abort', end, { once: true });
  // For the window that is started beside a demo server; unused, it lapses.
  const code = args.demo ? await demoCode(server, args) : undefined;
  await parent.tell({ type: 'ready', url: server.url, ...(code === undefined ? {} : { code }) });
  log('info', 'ready', { url: server.url });
}

async function demoCode(server: RunningServer, { place }: ServerArguments): Promise<string> {
  try {
    return await createDemoCode(server.store.database.pool, place);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const printCode = (args: ServerArguments): Promise<void> =>
  beside(args, async (store) => {
    const code = await createCode(store.database.pool, args.place);
    console.log(`${code.slice(0, 4)}-${code.slice(4)}`);
  });

async function rebuild({ database }: Store): Promise<void> {
  const count = await rebuildProjections(database);
  console.log(`已重新计算 ${count} 项。 Folded again: ${count}.`);
}

/** What may be done while a server runs. */
async function beside(args: ServerArguments, work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStoreBesideServer(args);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/** A running server keeps the folder; its database is asked directly then. One that is just starting is waited for. */
async function openStoreBesideServer(args: ServerArguments): Promise<Store> {
  for (const until = Date.now() + BESIDE_LIMIT_MS; ;) {
    const databaseUrl = args.databaseUrl ?? (await readDatabaseUrl(args.data));
    try {
      return await openStore({ folder: args.data, databaseUrl });
    } catch (error) {
      const starting = error instanceof ServerFault && error.code === 'FOLDER_IN_USE';
      if (!starting || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2), process.env);
  if (args.command === 'help') console.log(HELP);
  else if (args.command === 'code') await printCode(args);
  else if (args.command === 'backup') await beside(args, (store) => backUp(store, args.file, VERSION));
  else if (args.command === 'rebuild') await beside(args, rebuild);
  else if (args.command === 'clerk') await beside(args, (store) => clerkCommand(store, args));
  else if (args.command === 'device') await beside(args, (store) => deviceCommand(store, args));
  else if (args.command === 'master') await beside(args, (store) => masterCommand(store, args));
  else if (args.command === 'import') await beside(args, (store) => importExports(store, args.files));
  else if (args.command === 'epoch') await beside(args, renewTheEpoch);
  else if (args.command === 'restore') await restore(args);
  else await serve(args);
}

// A terminal or a log that has gone away must not end the server before its database is stopped.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main().catch(async (error: unknown) => {
  const sentence =
    error instanceof ServerFault
      ? error.sentence
      : `服务器无法启动:请把这句话交给管理员。 The server cannot start, show this to your administrator: ${String(error)}`;
  console.error(sentence);
  await parent.tell({ type: 'failed', sentence });
  process.exit(1);
});
