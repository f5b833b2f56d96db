import type { PhotoReason } from '../../../shared/contract/card.ts';
import type { HostProcess } from '../host-process/host-process.ts';
import type { PictureLayout } from './picture.ts';

/**
 * What passes between the program and its photo host. Bytes travel as they are, not as text: a buffer can be wiped,
 * a string stays in memory until somebody collects it.
 */

export interface PhotoLibrary {
  /** Absolute path. */
  path: string;
  /** Name of its function. */
  entry: string;
}

export type PhotoRequest =
  /** Loads the library and finds its function, no more. */
  | { id: number; op: 'check'; library: PhotoLibrary }
  | { id: number; op: 'decode'; library: PhotoLibrary; layout: PictureLayout; wlt: Uint8Array };

export type PhotoMessage =
  | { id: number; kind: 'usable' }
  | { id: number; kind: 'png'; png: Uint8Array }
  | { id: number; kind: 'failure'; reason: PhotoReason; detail: string }
  /** The decoder wrote files, each a person's portrait, that could not be removed. */
  | { kind: 'left-behind'; count: number };

export type PhotoHostProcess = HostProcess<PhotoRequest, PhotoMessage>;

/** @param folder the process's working folder: empty, private, and emptied again by the host after every decoding */
export type SpawnPhotoHost = (folder: string) => PhotoHostProcess;
