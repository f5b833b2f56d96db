import { createServerLog } from './api/log.ts';
import { HELP, readArguments, type ServerArguments } from './arguments.ts';
import { ServerFault } from './server-fault.ts';
import { startServer } from './start-server.ts';
import { createCode } from './store/enrolment.ts';
import { openStore, readDatabaseUrl } from './store/open-store.ts';

/** Set by the bundler's environment or the package; shown by health and openapi. */
const VERSION = '0.1.0';
/** A stop that takes longer is ended, milliseconds; PostgreSQL recovers from its log. */
const STOP_LIMIT_MS = 5_000;

/** What a parent process (the launcher) hears. */
type Word = { type: 'ready'; url: string; code?: string } | { type: 'failed'; sentence: string };

const tell = (word: Word): void => {
  process.send?.(word);
};

async function serve(args: ServerArguments): Promise<void> {
  const log = createServerLog();
  const server = await startServer({
    folder: args.data,
    databaseUrl: args.databaseUrl,
    host: args.host,
    port: args.port,
    version: VERSION,
    log,
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    server.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // The launcher died: nobody is left to stop us.
  process.once('disconnect', stop);
  // For the window that is started beside a demo server; unused, it lapses.
  const code = args.demo ? await createCode(server.store.database.pool, args.place) : undefined;
  tell({ type: 'ready', url: server.url, ...(code === undefined ? {} : { code }) });
  log('info', 'ready', { url: server.url });
}

async function printCode(args: ServerArguments): Promise<void> {
  // A running server keeps the folder; its database is asked directly then.
  const databaseUrl = args.databaseUrl ?? (await readDatabaseUrl(args.data));
  const store = await openStore({ folder: args.data, databaseUrl });
  try {
    const code = await createCode(store.database.pool, args.place);
    console.log(`${code.slice(0, 4)}-${code.slice(4)}`);
  } finally {
    await store.close();
  }
}

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2), process.env);
  if (args.command === 'help') console.log(HELP);
  else if (args.command === 'code') await printCode(args);
  else await serve(args);
}

main().catch((error: unknown) => {
  const sentence =
    error instanceof ServerFault
      ? error.sentence
      : `服务器无法启动。 The server cannot start: ${String(error)}`;
  console.error(sentence);
  tell({ type: 'failed', sentence });
  // Let the message leave before the process does.
  setTimeout(() => process.exit(1), 50);
});
