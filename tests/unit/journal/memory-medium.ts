import type { JournalFiles, OpenFile } from '../../../electron/core/journal/files.ts';

const SECTOR = 512;

interface Inode {
  /** What the program sees. */
  now: Buffer;
  /** What is on the medium for certain. */
  safe: Buffer;
}

export interface Medium {
  files: JournalFiles;
  /** Every operation counts one; from this one on nothing is carried out any more. */
  cutPowerAt(operation: number): void;
  /** Resolves when the power has gone and every operation under way has stopped. */
  dark: Promise<void>;
  /** What a start after the cut finds: everything flushed, and by chance parts of what was not. */
  afterPowerCut(random: () => number): Medium;
  /** The same bytes on another medium: a cloned disk, a restored snapshot. Only what is certain is copied. */
  copy(): Medium;
  /** What a cleaner, a bad sector or a person does to a file behind the program's back; null removes it. */
  change(name: string, how: (bytes: Buffer) => Buffer | null): void;
  /** Bytes the medium holds; a write beyond is short, and the next one fails. */
  setCapacity(bytes: number): void;
  used(): number;
  operations(): number;
  names(): string[];
  bytesOf(name: string): Buffer;
  /** The next calls of this operation fail with this code. */
  failNext(
    operation: 'write' | 'datasync' | 'truncate' | 'open' | 'rename',
    code: string,
    times?: number,
  ): void;
}

/**
 * A medium with a cache that forgets: writes are seen at once and survive a power cut only after `datasync`, names
 * only after `syncFolder`. What was not flushed may still be there, in part and out of order, as on a real disk.
 */
export function createMedium(
  start?: { inodes: Map<string, Inode>; folders: Set<string> },
  options: {
    /** A disk that lies about flushing. */
    lazy?: boolean;
    /** What an operation waits for; the next turn of the event loop by default. */
    pause?: () => Promise<void>;
  } = {},
): Medium {
  const named = new Map<string, Inode>(start?.inodes);
  const safeNames = new Map<string, Inode>(start?.inodes);
  const folders = new Set<string>(start?.folders);
  const pause = options.pause ?? (() => new Promise<void>((resolve) => setImmediate(resolve)));
  let operations = 0;
  let cutAt = Infinity;
  let capacity = Infinity;
  const failures: { operation: string; code: string }[] = [];

  let goDark: () => void = () => undefined;
  const dark = new Promise<void>((resolve) => {
    goDark = resolve;
  });
  const fault = (code: string): Error => Object.assign(new Error(code), { code });
  /** The program of a machine without power never hears again. */
  const step = async (operation: string): Promise<void> => {
    await pause();
    if (++operations >= cutAt) {
      goDark();
      await new Promise<never>(() => undefined);
    }
    const at = failures.findIndex((failure) => failure.operation === operation);
    if (at >= 0) throw fault(failures.splice(at, 1)[0]?.code ?? 'EIO');
  };
  const used = (): number => [...new Set(named.values())].reduce((sum, inode) => sum + inode.now.length, 0);
  const inFolder = (folder: string) => (path: string) =>
    path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/');
  const found = (path: string): Inode => {
    const inode = named.get(path);
    if (!inode) throw fault('ENOENT');
    return inode;
  };

  const opened = (inode: Inode): OpenFile => ({
    async write(bytes, position) {
      await step('write');
      const room = Math.max(0, capacity - used() + Math.max(0, inode.now.length - position));
      const taken = Math.min(bytes.length, room);
      if (taken === 0 && bytes.length > 0) throw fault('ENOSPC');
      const grown = Buffer.alloc(Math.max(inode.now.length, position + taken));
      inode.now.copy(grown);
      grown.set(bytes.subarray(0, taken), position);
      inode.now = grown;
      return taken;
    },
    async read(target, position) {
      await step('read');
      return inode.now.copy(target, 0, position);
    },
    async truncate(length) {
      await step('truncate');
      inode.now = Buffer.from(inode.now.subarray(0, length));
    },
    async datasync() {
      await step('datasync');
      if (!options.lazy) inode.safe = Buffer.from(inode.now);
    },
    close: () => step('close'),
  });

  const files: JournalFiles = {
    async makeFolder(path) {
      await step('makeFolder');
      folders.add(path);
    },
    async names(folder) {
      await step('names');
      return [...named.keys()]
        .filter(inFolder(folder))
        .map((path) => path.slice(folder.length + 1))
        .sort();
    },
    async open(path, mode) {
      await step('open');
      if (mode === 'existing') return opened(found(path));
      if (named.has(path)) throw fault('EEXIST');
      const inode: Inode = { now: Buffer.alloc(0), safe: Buffer.alloc(0) };
      named.set(path, inode);
      return opened(inode);
    },
    async readAll(path) {
      await step('readAll');
      return Buffer.from(found(path).now);
    },
    async rename(from, to) {
      await step('rename');
      named.set(to, found(from));
      named.delete(from);
    },
    async remove(path) {
      await step('remove');
      named.delete(path);
    },
    async syncFolder(folder) {
      await step('syncFolder');
      for (const path of [...safeNames.keys()].filter(inFolder(folder))) safeNames.delete(path);
      for (const [path, inode] of named) if (inFolder(folder)(path)) safeNames.set(path, inode);
    },
    async freeBytes() {
      await step('freeBytes');
      return capacity - used();
    },
  };

  function survived({ now, safe }: Inode, random: () => number): Buffer {
    if (now.equals(safe) || random() < 0.3) return Buffer.from(safe);
    const length =
      random() < 0.5 ? now.length : safe.length + Math.floor(random() * (now.length - safe.length + 1));
    const left = Buffer.from(now.subarray(0, Math.max(length, 0)));
    // Sectors that were not flushed may be missing: new ones are zeros then, old ones as they were.
    for (let at = 0; at < left.length; at += SECTOR) {
      const end = Math.min(at + SECTOR, left.length);
      if (left.subarray(at, end).equals(safe.subarray(at, end)) || random() < 0.7) continue;
      left.fill(0, at, end);
      if (at < safe.length) safe.copy(left, at, at, Math.min(end, safe.length));
    }
    return left;
  }

  return {
    files,
    dark,
    cutPowerAt(operation) {
      cutAt = operation;
    },
    afterPowerCut(random) {
      const source = new Map(safeNames);
      // A name that was not flushed may have reached the medium all the same.
      if (random() < 0.5) for (const [path, inode] of named) source.set(path, inode);
      const inodes = new Map<string, Inode>();
      for (const [path, inode] of source) {
        const bytes = survived(inode, random);
        inodes.set(path, { now: bytes, safe: Buffer.from(bytes) });
      }
      return createMedium({ inodes, folders }, options);
    },
    copy() {
      const inodes = new Map<string, Inode>();
      for (const [path, { safe }] of safeNames)
        inodes.set(path, { now: Buffer.from(safe), safe: Buffer.from(safe) });
      return createMedium({ inodes, folders }, options);
    },
    change(name, how) {
      const inode = found(name);
      const changed = how(Buffer.from(inode.now));
      if (changed) Object.assign(inode, { now: changed, safe: Buffer.from(changed) });
      else {
        named.delete(name);
        safeNames.delete(name);
      }
    },
    setCapacity(bytes) {
      capacity = bytes;
    },
    used,
    operations: () => operations,
    names: () => [...named.keys()],
    bytesOf: (name) => found(name).now,
    failNext(operation, code, times = 1) {
      for (let i = 0; i < times; i++) failures.push({ operation, code });
    },
  };
}
