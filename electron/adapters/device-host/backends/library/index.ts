import type { LibraryFamily } from '../../../../core/ports/reader-device.ts';
import type { BackendDevice, DeviceBackend, DeviceEvents } from '../../device-backend.ts';
import { DeviceError } from '../../device-error.ts';
import { removeLeftFiles } from './left-files.ts';
import { loadNative } from './native.ts';
import type { LibraryAnswer, ReaderLibrary, SamRequest } from './reader-library.ts';
import { keyOf } from './reader-library.ts';
import { decodeRequest, spoiltFrame, statusFrame } from './sam-frames.ts';
import { sdtapi } from './sdtapi.ts';
import { termb } from './termb.ts';

/** The first USB port stands for all of them: which one a reader gets depends on what else is plugged in. */
const FIRST_USB_PORT = 1001;
const LAST_USB_PORT = 1016;
/** Ports are tried no longer than this at one go; the program gives an open 3 s before it ends this process. */
const TRY_LIMIT_MS = 1800;
/** Commands after which files with a person's data may lie around. */
const READS: ReadonlySet<number> = new Set([0x3001, 0x3010]);

/** One library, loaded once in the life of this process. */
interface Loaded {
  reader: ReaderLibrary;
  inUse: boolean;
  /** The port of the connection before may still be closing. */
  closing: Promise<void>;
  /** Where the search for the reader begins: where it was found, else behind the port tried last. */
  usbPort: number;
}

/**
 * Makers' own libraries as devices: whole frames of the SAM go in, whole frames come out, so that everything above is
 * the same as for any other reader. A call runs in a thread; one that hangs is ended with this process by the program.
 * @param log gets a text and a reason, never anything of a card
 */
export function libraryBackend(ports: { log: (text: string, reason: string) => void }): DeviceBackend {
  const libraries = new Map<string, Promise<Loaded>>();

  const load = (path: string, family: LibraryFamily): Promise<Loaded> => {
    const key = `${family} ${path}`;
    const loading = libraries.get(key) ?? loadFamily(path, family);
    libraries.set(key, loading);
    // The admin may put the right file in its place meanwhile.
    loading.catch(() => libraries.delete(key));
    return loading;
  };

  return {
    list: () => Promise.resolve([]),
    async open(path, access, events) {
      if (access.bus !== 'library') throw new Error('not a library');
      const library = await load(path, access.family);
      await library.closing;
      if (library.inUse) throw new DeviceError('ID_CARD_READER_BUSY', 'the library is in use already');
      library.inUse = true;
      try {
        const port = await openPort(library, access.port);
        return connect(library, port, events, async (request) => {
          const began = Date.now();
          try {
            return await library.reader.ask(port, request);
          } finally {
            const left = READS.has(keyOf(request)) ? await removeLeftFiles(path, began) : 0;
            if (left > 0)
              ports.log('files with personal data left by the library were removed', `${left} files`);
          }
        });
      } catch (error) {
        library.inUse = false;
        throw error;
      }
    },
  };
}

async function loadFamily(path: string, family: LibraryFamily): Promise<Loaded> {
  const native = await loadNative(path);
  const reader = family === 'sdtapi' ? sdtapi(native) : termb(native);
  return { reader, inUse: false, closing: Promise.resolve(), usbPort: FIRST_USB_PORT };
}

/** @returns the port on which the reader answered */
async function openPort(library: Loaded, wanted: number): Promise<number> {
  const began = performance.now();
  const tried: number[] = [];
  let reason = '';
  for (const port of portsToTry(wanted, library.usbPort)) {
    if (tried.length > 0 && performance.now() - began > TRY_LIMIT_MS) break;
    const result = await library.reader.open(port);
    if (wanted === FIRST_USB_PORT) library.usbPort = port;
    if (result.kind === 'open') return port;
    if (result.kind === 'refused') throw new DeviceError('ID_CARD_READER_NOT_AUTHORISED', result.reason);
    tried.push(port);
    reason = result.reason;
  }
  if (wanted === FIRST_USB_PORT) library.usbPort = following(library.usbPort);
  const where = tried.length === 1 ? `port ${tried.join()}` : `any of the ports ${tried.join(', ')}`;
  throw new DeviceError('ID_CARD_READER_MISSING', `no reader on ${where}: ${reason}`);
}

function portsToTry(wanted: number, first: number): number[] {
  if (wanted !== FIRST_USB_PORT) return [wanted];
  const ports = [first];
  for (let port = following(first); port !== first; port = following(port)) ports.push(port);
  return ports;
}

function following(port: number): number {
  return port >= LAST_USB_PORT ? FIRST_USB_PORT : port + 1;
}

function connect(
  library: Loaded,
  port: number,
  events: DeviceEvents,
  ask: (request: SamRequest) => Promise<LibraryAnswer>,
): BackendDevice {
  let closed = false;
  let next: Uint8Array | null = null;
  let working: Promise<void> | null = null;

  const answerTo = async (frame: Uint8Array): Promise<LibraryAnswer> => {
    const request = decodeRequest(frame);
    try {
      return request.kind === 'request'
        ? await ask(request)
        : { kind: 'reply', status: request.status, data: NOTHING };
    } catch (error) {
      return { kind: 'gone', reason: String(error) };
    }
  };

  const work = async (): Promise<void> => {
    while (next) {
      const frame = next;
      next = null;
      const answer = await answerTo(frame);
      // Given up by the program meanwhile: a late answer would be taken for the answer to the next command.
      const wanted = !closed && (next as Uint8Array | null) === null;
      if (wanted) tell(answer, events);
      if (answer.kind === 'reply') answer.data.fill(0);
    }
    working = null;
  };

  const end = async (): Promise<void> => {
    closed = true;
    next = null;
    await working;
    try {
      await library.reader.close(port);
    } finally {
      library.inUse = false;
    }
  };

  return {
    write({ bytes }) {
      if (closed) return Promise.reject(new Error('the library is closed'));
      next = bytes;
      working ??= work();
      return Promise.resolve();
    },
    async close() {
      if (!closed) library.closing = end().catch(() => undefined);
      await library.closing;
    },
  };
}

function tell(answer: LibraryAnswer, events: DeviceEvents): void {
  switch (answer.kind) {
    case 'reply':
      events.onPacket({ bytes: statusFrame(answer.status, answer.data), pipe: 0 });
      return;
    case 'damaged':
      events.onPacket({ bytes: spoiltFrame(), pipe: 0 });
      return;
    case 'gone':
      events.onGone(answer.reason);
      return;
    case 'silence':
  }
}

const NOTHING = new Uint8Array();
