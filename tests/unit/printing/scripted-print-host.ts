import type {
  PrintHostProcess,
  PrintMessage,
  PrintRequest,
} from '../../../electron/adapters/print-host/messages.ts';

type Reply = PrintMessage extends infer M ? (M extends unknown ? Omit<M, 'id'> : never) : never;
/** What the host does at one request: answers (several times), hangs, or ends. */
export type Deed = Reply | 'hang' | 'die' | 'hang-on-go' | 'die-on-go';

export interface ScriptedHosts {
  spawn: () => PrintHostProcess;
  /** What is done at the next requests of an operation; the last deed goes on for ever. */
  script: Record<'list' | 'look' | 'print' | 'queue' | 'job' | 'cancel', Deed[]>;
  requests: PrintRequest[];
  /** How many processes were started, and how many of them killed. */
  started: number;
  killed: number;
  canSpawn: boolean;
}

/** Print hosts of which each does as the script says; what the real one does is shown by the Wine lab. */
export function scriptedPrintHosts(): ScriptedHosts {
  const all: ScriptedHosts = {
    requests: [],
    started: 0,
    killed: 0,
    canSpawn: true,
    script: {
      list: [{ kind: 'printers', printers: [] }],
      look: [{ kind: 'printer', printer: { name: 'XP-80C', driver: 'XP', port: 'USB001', state: 'silent' } }],
      print: [{ kind: 'spooled' }],
      queue: [{ kind: 'queue', jobs: [] }],
      job: [{ kind: 'job', job: null }],
      cancel: [{ kind: 'cancelled', cancelled: 'deleted' }],
    },
    spawn() {
      if (!all.canSpawn) throw new Error('ENOMEM');
      all.started += 1;
      let listener: (message: PrintMessage) => void = () => undefined;
      let exit: (reason: string) => void = () => undefined;
      let ended = false;
      let onGo: (() => void) | null = null;

      const end = (): void => {
        if (ended) return;
        ended = true;
        exit('exit 3221225477');
      };
      const say = (message: PrintMessage): void => {
        if (!ended) listener(message);
      };
      const finish = (id: number, deed: Deed): void => {
        if (deed === 'die' || deed === 'die-on-go') end();
        else if (typeof deed !== 'string') say({ ...deed, id });
      };
      const work = (request: PrintRequest): void => {
        all.requests.push(request);
        if (request.op === 'go') {
          onGo?.();
          return;
        }
        const deeds = all.script[request.op];
        const deed = (deeds.length > 1 ? deeds.shift() : deeds[0]) ?? 'hang';
        const isRefused = typeof deed !== 'string' && deed.kind === 'failure' && deed.cancelled === undefined;
        if (request.op !== 'print' || deed === 'die' || deed === 'hang' || isRefused) {
          finish(request.id, deed);
          return;
        }
        onGo = () => finish(request.id, deed);
        say({ id: request.id, kind: 'started', job: 7 });
      };
      return {
        send: (request) => void setImmediate(() => ended || work(request)),
        onMessage: (next) => void (listener = next),
        onExit: (next) => void (exit = next),
        kill() {
          all.killed += 1;
          end();
        },
      };
    },
  };
  return all;
}
