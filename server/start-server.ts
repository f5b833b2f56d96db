import type { AddressInfo } from 'node:net';
import { createApi } from './api/server.ts';
import type { ServerLog } from './api/log.ts';
import { ServerFault } from './server-fault.ts';
import { rebuildWhenOutdated } from './projections/rebuild.ts';
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
  const { log } = options;
  const store = await openStore({
    ...options,
    onTrouble: (said) => log('error', 'PostgreSQL ended and is started again', { said }),
  });
  try {
    const api = await createApi({
      database: store.database,
      identity: store.identity,
      version: options.version,
      log,
    });
    await api.listen({ host: options.host, port: options.port }).catch(async (error: unknown) => {
      await api.close();
      throw listenFault(error as NodeJS.ErrnoException, options);
    });
    // Not waited for: windows are served meanwhile, only a back office's lists may still lack something.
    rebuildWhenOutdated(store.database).then(
      (count) => count && log('info', 'projections folded again', { count }),
      (error: unknown) => log('warning', 'projections not folded again', { reason: String(error) }),
    );
    const { port } = api.server.address() as AddressInfo;
    return {
      url: `http://${urlHost(options.host)}:${port}`,
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

/** A name by which this machine reaches the server. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function listenFault(error: NodeJS.ErrnoException, { host, port }: ServerOptions): Error {
  if (error.code === 'EADDRINUSE' || error.code === 'EACCES') {
    return new ServerFault(
      'PORT_IN_USE',
      `端口 ${port} 已被占用或不允许使用,请关闭占用它的程序,或用 --port 指定另一个端口。`,
      `Port ${port} is taken or not allowed: stop the program that has it, or name another with --port.`,
    );
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return new ServerFault(
      'HOST_UNKNOWN',
      `本机没有地址 ${host},请用 --host 指定本机的地址,或 0.0.0.0 表示全部。`,
      `This machine has no address ${host}: name one of its own with --host, or 0.0.0.0 for all.`,
    );
  }
  return error;
}
