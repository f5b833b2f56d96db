import type { AddressInfo } from 'node:net';
import { createApi } from './api/server.ts';
import type { ServerLog } from './api/log.ts';
import { ServerFault } from './server-fault.ts';
import { openStore, type Store } from './store/open-store.ts';

/** A listening server. */
export interface RunningServer {
  url: string;
  store: Store;
  /** Answers what is parked, stops taking calls, ends the database. Ends within 5 s. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  folder: string;
  databaseUrl: string | undefined;
  host: string;
  /** 0: a free one. */
  port: number;
  version: string;
  log: ServerLog;
}

/** @throws ServerFault in words when the folder, the database or the port is not to be had */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const store = await openStore(options);
  try {
    const api = await createApi({
      database: store.database,
      identity: store.identity,
      version: options.version,
      log: options.log,
    });
    await api
      .listen({ host: options.host, port: options.port })
      .catch(async (error: NodeJS.ErrnoException) => {
        await api.close();
        throw error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new ServerFault(
              'PORT_IN_USE',
              `端口 ${options.port} 已被占用,请关闭占用它的程序,或用 --port 指定另一个端口。`,
              `Port ${options.port} is taken: stop the program that has it, or name another with --port.`,
            )
          : error;
      });
    const { port } = api.server.address() as AddressInfo;
    const host = options.host.includes(':') ? `[${options.host}]` : options.host;
    return {
      url: `http://${host}:${port}`,
      store,
      async stop() {
        await api.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
