/** Where a piece of text stands, in dots of the picture that was given. */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export interface OcrWord {
  text: string;
  /** 0–100, the engine's own word for it. */
  confidence: number;
  box: Box;
  /** One for each character; narrower than the word where the engine took a blank for a part of it. */
  characters: Box[];
}

export interface OcrText {
  text: string;
  words: OcrWord[];
}

/** What is looked for: digits in a block, digits anywhere in a large picture, or one line of Chinese. */
export type OcrTask = 'number-block' | 'number-anywhere' | 'name';

/** Reads text off pictures, on this PC alone. */
export interface OcrEngine {
  /** Loads what reading needs, before somebody waits for it. */
  warm(): Promise<void>;
  read(picture: HTMLCanvasElement, task: OcrTask): Promise<OcrText>;
  /** Ends the worker and gives its memory back. */
  close(): void;
}

/** Why nothing was read; `identify.<code>` in the message files says what to do. */
export class OcrFailure extends Error {
  readonly code: 'ocr-not-loaded' | 'ocr-too-long';
  constructor(code: OcrFailure['code'], cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** On an old PC the first loading takes its seconds; longer means the files are not there, milliseconds. */
const LOAD_LIMIT_MS = 30_000;
const READ_LIMIT_MS = 15_000;

interface TesseractWorker {
  setParameters(params: Record<string, string>): Promise<unknown>;
  recognize(
    picture: HTMLCanvasElement,
    options: object,
    output: { text: boolean; blocks: boolean },
  ): Promise<{ data: { text: string; blocks: TesseractBlock[] | null } }>;
  terminate(): Promise<unknown>;
}
interface TesseractLibrary {
  default: {
    createWorker: (language: string, engine: number, options: object) => Promise<TesseractWorker>;
  };
}
interface TesseractBlock {
  paragraphs: { lines: { words: TesseractWord[] }[] }[];
}
interface TesseractWord {
  text: string;
  confidence: number;
  bbox: Box;
  symbols: { bbox: Box }[];
}

/** `tessedit_pageseg_mode`: 6 one block of text, 7 one line, 11 text anywhere. */
const TASKS: Record<OcrTask, { language: 'eng' | 'chi_sim'; params: Record<string, string> }> = {
  'number-block': {
    language: 'eng',
    params: { tessedit_pageseg_mode: '6', tessedit_char_whitelist: '0123456789X' },
  },
  'number-anywhere': {
    language: 'eng',
    params: { tessedit_pageseg_mode: '11', tessedit_char_whitelist: '0123456789X' },
  },
  name: { language: 'chi_sim', params: { tessedit_pageseg_mode: '7' } },
};

/**
 * Tesseract in a worker of its own, with the files that are shipped beside the page (`ocr/`, put there by the build).
 * Nothing is fetched from anywhere else and nothing is kept on the disk. Each language has its worker, started when
 * it is first asked for.
 * @param folder address of the files, with a slash at the end
 */
export function createOcrEngine(folder: string = new URL('./ocr/', document.baseURI).href): OcrEngine {
  const workers = new Map<string, Promise<TesseractWorker>>();
  let closed = false;

  function workerFor(language: string): Promise<TesseractWorker> {
    const there = workers.get(language);
    if (there) return there;
    const started = within(start(folder, language), LOAD_LIMIT_MS, 'ocr-not-loaded').catch(
      (error: unknown) => {
        // The next picture tries again.
        workers.delete(language);
        throw error instanceof OcrFailure ? error : new OcrFailure('ocr-not-loaded', error);
      },
    );
    workers.set(language, started);
    void started.then((worker) => {
      if (closed) void worker.terminate();
    }, ignore);
    return started;
  }

  return {
    async warm() {
      await workerFor('eng');
      await workerFor('chi_sim');
    },
    async read(picture, task) {
      const { language, params } = TASKS[task];
      const worker = await workerFor(language);
      const reading = worker
        .setParameters(params)
        .then(() => worker.recognize(picture, {}, { text: true, blocks: true }));
      try {
        const { data } = await within(reading, READ_LIMIT_MS, 'ocr-too-long');
        return { text: data.text, words: wordsOf(data.blocks ?? []) };
      } catch (error) {
        // It may go on for ever: a fresh one next time.
        workers.delete(language);
        void worker.terminate();
        throw error instanceof OcrFailure ? error : new OcrFailure('ocr-not-loaded', error);
      }
    },
    close() {
      closed = true;
      for (const worker of workers.values()) void worker.then((one) => one.terminate(), ignore);
      workers.clear();
    },
  };
}

async function start(folder: string, language: string): Promise<TesseractWorker> {
  // Fetched with the first picture, never at the start of the program.
  // @ts-expect-error -- the library describes its CommonJS entry only; this is the one for browsers
  const { default: tesseract } = (await import('tesseract.js/dist/tesseract.esm.min.js')) as TesseractLibrary;
  return tesseract.createWorker(language, LSTM_ONLY, {
    workerPath: `${folder}worker.min.js`,
    corePath: `${folder}${hasSimd() ? 'tesseract-core-simd-lstm.js' : 'tesseract-core-lstm.js'}`,
    langPath: folder.replace(/\/$/u, ''),
    // A worker from a blob would need a hole in the page's policy; a cache would be a copy on the disk.
    workerBlobURL: false,
    cacheMethod: 'none',
    gzip: true,
    // What goes wrong comes back by the promise; without this it is thrown a second time, where nobody catches it.
    errorHandler: ignore,
  });
}

/** `OEM.LSTM_ONLY` of tesseract.js. */
const LSTM_ONLY = 1;

/** The smallest module with a vector instruction; a processor without them refuses it. */
function hasSimd(): boolean {
  return WebAssembly.validate(
    Uint8Array.of(
      ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0],
      ...[65, 0, 253, 15, 253, 98, 11],
    ),
  );
}

function wordsOf(blocks: readonly TesseractBlock[]): OcrWord[] {
  return blocks.flatMap(({ paragraphs }) =>
    paragraphs.flatMap(({ lines }) =>
      lines.flatMap(({ words }) =>
        words.map(({ text, confidence, bbox, symbols }) => ({
          text,
          confidence,
          box: bbox,
          characters: symbols.map((symbol) => symbol.bbox),
        })),
      ),
    ),
  );
}

async function within<T>(work: Promise<T>, limitMs: number, code: OcrFailure['code']): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OcrFailure(code)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function ignore(): void {
  // What failed was told to whoever asked for it.
}
