import type koffiModule from 'koffi';

/** One row of PRINTER_INFO_2. */
export interface PrinterInfo {
  name: string;
  driver: string;
  port: string;
  /** PRINTER_STATUS_* and PRINTER_ATTRIBUTE_*, see spool-states.ts. */
  status: number;
  attributes: number;
}

/** One row of JOB_INFO_1. */
export interface JobInfo {
  job: number;
  /** Of the computer that printed it, most often with two backslashes before it. */
  machine: string;
  document: string;
  /** JOB_STATUS_*, see spool-states.ts. */
  status: number;
  pagesPrinted: number;
}

/**
 * The Windows spooler: the few functions of winspool.drv that a raw job needs, and the only place that calls them.
 * Names, parameters and numbers: winspool.h of the Windows SDK, and Microsoft's "Print Spooler API Reference".
 */

/** The spooler does not know the name. */
export const ERROR_INVALID_PRINTER_NAME = 1801;
/** What GetJob says of a number that is no job; Wine says nothing. */
const ERROR_INVALID_PARAMETER = 87;
const NO_SUCH_JOB: readonly number[] = [ERROR_INVALID_PARAMETER, 0];
const ERROR_INSUFFICIENT_BUFFER = 122;

const PRINTER_ENUM_LOCAL = 2;
const PRINTER_ENUM_CONNECTIONS = 4;
/** Of a queue: far more than a desk ever has. */
const MOST_JOBS = 500;
const JOB_CONTROL_PAUSE = 1;
const JOB_CONTROL_DELETE = 5;
/** In dwPrinterDriverAttributes of DRIVER_INFO_8. */
const PRINTER_DRIVER_XPS = 0x2;

/** A function of the spooler said no. */
export class SpoolError extends Error {
  readonly step: string;
  /** GetLastError. */
  readonly code: number;
  constructor(step: string, code: number) {
    super(`${step}: Windows error ${code}`);
    this.name = 'SpoolError';
    this.step = step;
    this.code = code;
  }
}

/** One opened printer. Every function throws {@link SpoolError} when Windows says no. */
export interface OpenedPrinter {
  look(): PrinterInfo;
  /** @returns the job's number */
  startDocument(name: string): number;
  startPage(): void;
  /** @returns how many bytes were taken, at least 1 */
  write(bytes: Uint8Array): number;
  endPage(): void;
  endDocument(): void;
  /** Of an unfinished document: nothing more of it is printed. */
  abort(): void;
  /** Everybody's, in their order. */
  jobs(): JobInfo[];
  /** @returns null when there is no such job */
  job(job: number): JobInfo | null;
  pauseJob(job: number): void;
  deleteJob(job: number): void;
  close(): void;
}

export interface Winspool {
  list(): PrinterInfo[];
  open(printer: string): OpenedPrinter;
}

/**
 * Loads winspool.drv. koffi is imported here and only when a printer is wanted: it is native code itself.
 * @throws where there is no Windows spooler, or koffi has no build for the processor
 */
export async function loadWinspool(): Promise<Winspool> {
  if (process.platform !== 'win32') throw new SpoolError('winspool.drv', 0);
  const { default: koffi } = await import('koffi');
  return bindWinspool(koffi);
}

type Koffi = typeof koffiModule;
type Call = (...values: unknown[]) => number;

/** Room for what the first call of a pair is asked about; the second has what it said it needs. */
const NOTHING = Buffer.alloc(0);

function bindWinspool(koffi: Koffi): Winspool {
  const types = structs(koffi);
  const spooler = koffi.load('winspool.drv');
  const kernel = koffi.load('kernel32.dll');
  const lastError = kernel.func('__stdcall', 'GetLastError', 'uint32_t', []) as Call;
  const setLastError = kernel.func('__stdcall', 'SetLastError', 'void', ['uint32_t']) as Call;
  const handle = 'void *';
  const bytes = 'uint8_t *';
  const count = 'uint32_t';
  const counted = koffi.out(koffi.pointer('uint32_t'));
  const bind = (name: string, parameters: Parameters<typeof spooler.func>[3]): Call =>
    spooler.func('__stdcall', name, 'int', parameters) as Call;

  const enumPrinters = bind('EnumPrintersW', [count, 'str16', count, bytes, count, counted, counted]);
  const openPrinter = bind('OpenPrinterW', ['str16', koffi.out(koffi.pointer(handle)), handle]);
  const closePrinter = bind('ClosePrinter', [handle]);
  const getPrinter = bind('GetPrinterW', [handle, count, bytes, count, counted]);
  const getDriver = bind('GetPrinterDriverW', [handle, 'str16', count, bytes, count, counted]);
  const startDoc = bind('StartDocPrinterW', [handle, count, koffi.pointer(types.documentInfo)]);
  const startPage = bind('StartPagePrinter', [handle]);
  const writePrinter = bind('WritePrinter', [handle, bytes, count, counted]);
  const endPage = bind('EndPagePrinter', [handle]);
  const endDoc = bind('EndDocPrinter', [handle]);
  const abortPrinter = bind('AbortPrinter', [handle]);
  const getJob = bind('GetJobW', [handle, count, count, bytes, count, counted]);
  const enumJobs = bind('EnumJobsW', [handle, count, count, count, bytes, count, counted, counted]);
  const setJob = bind('SetJobW', [handle, count, count, bytes, count]);

  /** Windows functions return 0 for a failure. */
  const must = (step: string, result: number): number => {
    if (result === 0) throw new SpoolError(step, lastError());
    return result;
  };

  /** Functions that fill a buffer are called twice: how much, and then with so much. The answer may grow in between. */
  function filled(step: string, call: (buffer: Uint8Array, needed: number[]) => number): Buffer {
    let buffer = NOTHING;
    for (let tries = 0; tries < 4; tries++) {
      const needed = [0];
      // A failure that says nothing must not be taken for the one before.
      setLastError(0);
      if (call(buffer, needed) !== 0) return buffer;
      const code = lastError();
      if (code !== ERROR_INSUFFICIENT_BUFFER) throw new SpoolError(step, code);
      buffer = Buffer.alloc((needed[0] ?? 0) + 256);
    }
    throw new SpoolError(step, ERROR_INSUFFICIENT_BUFFER);
  }

  /** Level 2 of printers here; of those on other computers the names alone, because level 2 would ask over the line. */
  function list(): PrinterInfo[] {
    const printers = (flags: number, level: number, type: unknown): Record<string, unknown>[] => {
      const returned = [0];
      const buffer = filled('EnumPrinters', (room, needed) =>
        enumPrinters(flags, null, level, room, room.length, needed, returned),
      );
      const number = returned[0] ?? 0;
      return number === 0 ? [] : (koffi.decode(buffer, koffi.array(type as string, number)) as never);
    };
    return [
      ...printers(PRINTER_ENUM_LOCAL, 2, types.printerInfo2).map(toPrinter),
      ...printers(PRINTER_ENUM_CONNECTIONS, 4, types.printerInfo4).map(toPrinter),
    ];
  }

  function open(name: string): OpenedPrinter {
    const out: unknown[] = [null];
    must('OpenPrinter', openPrinter(name, out, null));
    const printer = out[0];

    function look(): PrinterInfo {
      const buffer = filled('GetPrinter', (room, needed) =>
        getPrinter(printer, 2, room, room.length, needed),
      );
      return toPrinter(koffi.decode(buffer, types.printerInfo2) as Record<string, unknown>);
    }

    /**
     * RAW goes to the printer as it is. Drivers of the XPS kind (every "version 4" one) print nothing of it; for them
     * the word is XPS_PASS (Microsoft support article 2779300).
     */
    function datatype(): string {
      try {
        const buffer = filled('GetPrinterDriver', (room, needed) =>
          getDriver(printer, null, 8, room, room.length, needed),
        );
        const { dwPrinterDriverAttributes } = koffi.decode(buffer, types.driverInfo8) as {
          dwPrinterDriverAttributes: number;
        };
        return (dwPrinterDriverAttributes & PRINTER_DRIVER_XPS) === 0 ? 'RAW' : 'XPS_PASS';
      } catch (error) {
        // A printer on another computer may keep its driver to itself; those are of the old kind.
        if (error instanceof SpoolError) return 'RAW';
        throw error;
      }
    }

    return {
      look,
      startDocument(document) {
        const info = { pDocName: document, pOutputFile: null, pDatatype: datatype() };
        return must('StartDocPrinter', startDoc(printer, 1, info));
      },
      startPage: () => void must('StartPagePrinter', startPage(printer)),
      write(piece) {
        const written = [0];
        must('WritePrinter', writePrinter(printer, piece, piece.length, written));
        const taken = written[0] ?? 0;
        // It says yes and takes nothing: asked again it would for ever.
        if (taken < 1 || taken > piece.length) throw new SpoolError('WritePrinter', 0);
        return taken;
      },
      endPage: () => void must('EndPagePrinter', endPage(printer)),
      endDocument: () => void must('EndDocPrinter', endDoc(printer)),
      abort: () => void must('AbortPrinter', abortPrinter(printer)),
      jobs() {
        const returned = [0];
        const buffer = filled('EnumJobs', (room, needed) =>
          enumJobs(printer, 0, MOST_JOBS, 1, room, room.length, needed, returned),
        );
        const number = returned[0] ?? 0;
        if (number === 0) return [];
        return (koffi.decode(buffer, koffi.array(types.jobInfo1, number)) as Record<string, unknown>[]).map(
          toJob,
        );
      },
      job(job) {
        let buffer: Buffer;
        try {
          buffer = filled('GetJob', (room, needed) => getJob(printer, job, 1, room, room.length, needed));
        } catch (error) {
          if (!(error instanceof SpoolError) || !NO_SUCH_JOB.includes(error.code)) throw error;
          // Of a printer that answers, it is the job that is not there.
          look();
          return null;
        }
        return toJob(koffi.decode(buffer, types.jobInfo1) as Record<string, unknown>);
      },
      pauseJob: (job) => void must('SetJob', setJob(printer, job, 0, null, JOB_CONTROL_PAUSE)),
      deleteJob: (job) => void must('SetJob', setJob(printer, job, 0, null, JOB_CONTROL_DELETE)),
      close: () => void closePrinter(printer),
    };
  }

  return { list, open };
}

function toJob(info: Record<string, unknown>): JobInfo {
  return {
    job: Number(info['JobId']),
    document: textOf(info['pDocument']),
    machine: textOf(info['pMachineName']),
    status: Number(info['Status']),
    pagesPrinted: Number(info['PagesPrinted']),
  };
}

function toPrinter(info: Record<string, unknown>): PrinterInfo {
  return {
    name: textOf(info['pPrinterName']),
    driver: textOf(info['pDriverName']),
    port: textOf(info['pPortName']),
    status: Number(info['Status'] ?? 0),
    attributes: Number(info['Attributes'] ?? 0),
  };
}

/** Null pointers are read as null. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Fields that are not read are `void *` where they are pointers, so that nothing behind them is looked at. */
function structs(koffi: Koffi) {
  const text = 'str16';
  const pointer = 'void *';
  const dword = 'uint32_t';
  const all = (names: string, type: string): Record<string, string> =>
    Object.fromEntries(names.split(' ').map((name) => [name, type]));
  return {
    printerInfo2: koffi.struct({
      pServerName: pointer,
      pPrinterName: text,
      pShareName: pointer,
      pPortName: text,
      pDriverName: text,
      ...all('pComment pLocation pDevMode pSepFile pPrintProcessor pDatatype pParameters', pointer),
      pSecurityDescriptor: pointer,
      ...all('Attributes Priority DefaultPriority StartTime UntilTime Status cJobs AveragePPM', dword),
    }),
    printerInfo4: koffi.struct({ pPrinterName: text, pServerName: pointer, Attributes: dword }),
    jobInfo1: koffi.struct({
      JobId: dword,
      pPrinterName: pointer,
      pMachineName: text,
      pUserName: pointer,
      pDocument: text,
      ...all('pDatatype pStatus', pointer),
      ...all('Status Priority Position TotalPages PagesPrinted', dword),
      Submitted: koffi.array('uint16_t', 8),
    }),
    documentInfo: koffi.struct({ pDocName: text, pOutputFile: text, pDatatype: text }),
    // Its last fields are left out: they are behind the one that is read.
    driverInfo8: koffi.struct({
      cVersion: dword,
      ...all('pName pEnvironment pDriverPath pDataFile pConfigFile pHelpFile pDependentFiles', pointer),
      ...all('pMonitorName pDefaultDataType pszzPreviousNames', pointer),
      ...all('ftDriverDateLow ftDriverDateHigh', dword),
      dwlDriverVersion: 'uint64_t',
      ...all('pszMfgName pszOEMUrl pszHardwareID pszProvider pszPrintProcessor pszVendorSetup', pointer),
      ...all('pszzColorProfiles pszInfPath', pointer),
      dwPrinterDriverAttributes: dword,
    }),
  };
}
