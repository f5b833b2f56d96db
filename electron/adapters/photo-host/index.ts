import { parentLine } from '../host-process/parent-line.ts';
import { loadDecoder, PhotoFailure, type DecodeFunction } from './decoder-library.ts';
import { removeFolder, removeLeftovers } from './leftovers.ts';
import type { PhotoLibrary, PhotoMessage, PhotoRequest } from './messages.ts';
import { BMP_BYTES, pictureToPng, type PictureLayout } from './picture.ts';

/**
 * The photo host: a child process in which the user's decoder for the photo in the chip runs. The decoder is native
 * code of unknown quality: when it crashes or hangs, this process dies and nothing else. One library per process life.
 * Runs under `child_process.fork` and as an Electron utility process; ends with its parent.
 */

const parent = parentLine<PhotoRequest, PhotoMessage>();

const WLT_BYTES = 1024;
/** Some decoders write a whole BMP, with its head and padded rows, and some a little more than they should. */
const OUTPUT_BYTES = Math.max(64 * 1024, BMP_BYTES);
const workFolder = process.cwd();
let loaded: Promise<DecodeFunction> | null = null;

/** Tried again after a failure: the file may have been put in place meanwhile. */
async function load(library: PhotoLibrary): Promise<DecodeFunction> {
  loaded ??= loadDecoder(library);
  try {
    return await loaded;
  } catch (error) {
    loaded = null;
    throw error;
  }
}

async function decode(library: PhotoLibrary, layout: PictureLayout, given: Uint8Array): Promise<Uint8Array> {
  const output = new Uint8Array(OUTPUT_BYTES);
  // A copy in a buffer of its own and of full length: native code is handed an address and asks no further.
  const wlt = new Uint8Array(Math.max(WLT_BYTES, given.length));
  wlt.set(given);
  given.fill(0);
  try {
    const run = await load(library);
    const began = Date.now();
    let code: number;
    try {
      code = run(wlt, output, 0);
    } finally {
      const count = removeLeftovers(workFolder, library.path, began);
      if (count > 0) parent.send({ kind: 'left-behind', count });
    }
    if (code !== 1) throw new PhotoFailure('refused', `returned ${code}`);
    const png = pictureToPng(output, layout);
    if (!png) throw new PhotoFailure('picture-empty', 'every pixel is the same');
    return png;
  } finally {
    wlt.fill(0);
    output.fill(0);
  }
}

async function answer(request: PhotoRequest): Promise<PhotoMessage> {
  const { id, library } = request;
  try {
    if (request.op === 'decode')
      return { id, kind: 'png', png: await decode(library, request.layout, request.wlt) };
    await load(library);
    return { id, kind: 'usable' };
  } catch (error) {
    if (error instanceof PhotoFailure)
      return { id, kind: 'failure', reason: error.reason, detail: error.message };
    // Its words are left behind: they may quote what was in memory.
    return {
      id,
      kind: 'failure',
      reason: 'crashed',
      detail: error instanceof Error ? error.name : 'unknown',
    };
  }
}

// The program was killed: what a decoder has left goes with this process.
function leaveNothing(): void {
  process.chdir('/');
  removeFolder(workFolder);
}

parent.serve((request) => void answer(request).then((message) => parent.send(message)), leaveNothing);
