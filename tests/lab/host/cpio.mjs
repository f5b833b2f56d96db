// Writes an archive the kernel unpacks at boot ("newc": https://docs.kernel.org/driver-api/early-userspace/buffer-format.html).
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const FILE = 0o100000;
const FOLDER = 0o040000;
const LINK = 0o120000;

/** Collects files for the guest; folders appear by themselves. Everything belongs to root and may be read by all. */
export function createArchive() {
  /** @type {Map<string, { mode: number, source?: string, bytes?: Buffer }>} */
  const entries = new Map();

  const folderOf = (path) => {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent === '' || entries.has(parent)) return;
    folderOf(parent);
    entries.set(parent, { mode: FOLDER | 0o755 });
  };
  const put = (path, entry) => {
    folderOf(path);
    entries.set(path, entry);
  };

  return {
    has: (path) => entries.has(path),
    folder: (path) => put(path, { mode: FOLDER | 0o755 }),
    copy: (path, source, mode = 0o644) => put(path, { mode: FILE | mode, source }),
    text: (path, text, mode = 0o644) => put(path, { mode: FILE | mode, bytes: Buffer.from(text) }),
    link: (path, target) => put(path, { mode: LINK | 0o777, bytes: Buffer.from(target) }),
    /** @returns bytes written */
    write(file) {
      const out = openSync(file, 'w');
      let size = 0;
      const emit = (bytes) => {
        writeSync(out, bytes);
        size += bytes.length;
      };
      const pad = () => emit(Buffer.alloc((4 - (size % 4)) % 4));
      let number = 1;
      const entry = (path, mode, bytes) => {
        const name = Buffer.from(`${path}\0`);
        const fields = [number++, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
        emit(Buffer.from('070701' + fields.map((field) => field.toString(16).padStart(8, '0')).join('')));
        emit(name);
        pad();
        emit(bytes);
        pad();
      };
      for (const [path, { mode, source, bytes }] of entries)
        entry(path.slice(1), mode, source ? readFileSync(source) : (bytes ?? Buffer.alloc(0)));
      entry('TRAILER!!!', 0, Buffer.alloc(0));
      closeSync(out);
      return size;
    },
  };
}
