import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A text found where it should not be. */
export interface Found {
  file: string;
  text: string;
}

/**
 * Looks for texts in every file below a folder, as the encodings of disks and browsers write them: UTF-8, UTF-16 and
 * base64 in each of its three alignments.
 */
export function plainIn(folder: string, texts: readonly string[]): Found[] {
  const patterns = texts.flatMap((text) => encodings(text).map((bytes) => ({ text, bytes })));
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const held = readFileSync(path);
      const hits = patterns.filter(({ bytes }) => held.includes(bytes)).map(({ text }) => text);
      return [...new Set(hits)].map((text) => ({ file: relative(folder, path), text }));
    });
}

function encodings(text: string): Buffer[] {
  const utf8 = Buffer.from(text, 'utf8');
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), utf8])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends also depend on what stands beside the text.
    return Buffer.from(encoded.slice(shift === 0 ? 0 : shift + 1, -1));
  });
  return [utf8, Buffer.from(text, 'utf16le'), ...base64.filter((bytes) => bytes.length >= 8)];
}
