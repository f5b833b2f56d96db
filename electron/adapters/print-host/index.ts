import { parentLine } from '../host-process/parent-line.ts';
import type { PrintMessage, PrintRequest } from './messages.ts';
import { createPrintService } from './print-service.ts';
import { loadWinspool, type Winspool } from './winspool.ts';

/**
 * The print host: a child process that speaks with the Windows spooler. A printer's driver runs inside whoever prints,
 * and hangs or crashes with him: this process, and nothing else. One request at a time.
 */

const parent = parentLine<PrintRequest, PrintMessage>();
let loaded: Promise<Winspool> | null = null;

const handle = createPrintService({
  load: () => (loaded ??= loadWinspool()),
  send: (message) => parent.send(message),
});

parent.serve((request) => void handle(request));
// Newer Electrons only warn about a lost rejection; a host in an unknown state must end and be started anew.
process.on('unhandledRejection', () => process.exit(1));
