import { readFile, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/**
 * What the window's pages may do. Element Plus sets inline styles, the one exception; pictures may be data
 * (card photo, slip preview). WebAssembly may be compiled, because text on pictures is read by a module of ours; it
 * cannot be had without allowing that for all modules, which still come from our own origin only. No page ever talks
 * to anything but its own origin.
 * @param sockets address of the loopback WebSocket, named because older Chromium did not count it as 'self'
 */
export function contentSecurityPolicy(sockets = ''): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self'",
    `connect-src 'self'${sockets === '' ? '' : ` ${sockets}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Headers of every answer to the window, in both shells. */
export function windowHeaders(sockets?: string): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(sockets),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // The camera sees documents; nothing listens, and nobody asks where we are.
    'Permissions-Policy': 'camera=(self), microphone=(), geolocation=(), display-capture=()',
  };
}

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.gz': 'application/gzip',
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
};

/**
 * Where a page's path lands in the built window, or null when it must not be served: outside the folder, hidden,
 * not decodable, or of a kind the window does not have (source maps among them).
 * @param pathname as it stands in the URL, still percent-encoded
 */
export function windowFile(root: string, pathname: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (path === '/' || path === '') path = '/index.html';
  // Judged as text and after one decoding: no dots-only step, no backslash (a separator on Windows), no drive or
  // stream colon, no percent sign left over from double encoding, no control character.

  if (!path.startsWith('/') || /[\\:%\u0000-\u001f]/.test(path)) return null;
  if (
    path
      .slice(1)
      .split('/')
      .some((step) => step === '' || step.startsWith('.'))
  )
    return null;
  if (!(extname(path).toLowerCase() in CONTENT_TYPES)) return null;
  const file = join(root, path);
  return file.startsWith(root + sep) ? file : null;
}

export interface ServedFile {
  body: Buffer;
  headers: Record<string, string>;
}

/** @returns the file with its type, tag and caching rule; null when there is none */
export async function readWindowFile(root: string, pathname: string): Promise<ServedFile | null> {
  const file = windowFile(root, pathname);
  if (file === null) return null;
  try {
    const [found, body] = await Promise.all([stat(file), readFile(file)]);
    return {
      body,
      headers: {
        'Content-Type': CONTENT_TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream',
        ETag: `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"`,
        // Vite names what it puts into assets/ after its content, so that never changes; the page itself does.
        'Cache-Control': file.startsWith(join(root, 'assets') + sep)
          ? 'public, max-age=31536000, immutable'
          : 'no-cache',
      },
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw error;
  }
}
