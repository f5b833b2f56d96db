import { parseArgs } from 'node:util';

/** The fixed port of the plain shell: the window's store belongs to scheme, host and port. */
export const WINDOW_PORT = 21860;

export interface StartOptions {
  /** Address of the central server, without a slash at the end. */
  server: string | null;
  /** One-time enrolment code. */
  code: string | null;
  profile: string | null;
  port: number;
  /** false: serve and say the address, open nothing. */
  window: boolean;
}

export type ParsedStart = { ok: true; options: StartOptions } | { ok: false; sentence: string };

/**
 * Reads the switches both shells take. Each fault is one sentence, Chinese then English.
 * @param strict false in Electron, whose command line also carries Chromium's own switches
 */
export function parseStartOptions(args: readonly string[], strict: boolean): ParsedStart {
  let found: Record<string, string | boolean | undefined>;
  try {
    found = parseArgs({
      args: [...args],
      strict,
      allowPositionals: !strict,
      options: {
        server: { type: 'string' },
        code: { type: 'string' },
        profile: { type: 'string' },
        port: { type: 'string' },
        'no-window': { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    return fault(
      `无法识别的启动参数,请用 npm start -- --help 查看。`,
      `Unknown switch (${reason}); see npm start -- --help.`,
    );
  }
  const text = (name: string): string | null => {
    const value = found[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const asked = text('server');
  const server = asked === null ? null : serverAddress(asked);
  if (asked !== null && server === null) {
    return fault(
      `服务器地址“${asked}”不正确,应形如 http://10.0.0.8:21861。`,
      `The server address is not valid; it should look like http://10.0.0.8:21861.`,
    );
  }
  const port = text('port') === null ? WINDOW_PORT : Number(text('port'));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return fault(
      `端口“${text('port') ?? ''}”不正确,应为 1–65535。`,
      `The port must be a number from 1 to 65535.`,
    );
  }
  return {
    ok: true,
    options: {
      server,
      code: text('code'),
      profile: text('profile'),
      port,
      window: found['no-window'] !== true,
    },
  };
}

/** @returns origin and path of an http(s) address without user, query or closing slash; null when it is none */
export function serverAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null;
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

const fault = (chinese: string, english: string): ParsedStart => ({
  ok: false,
  sentence: `${chinese} ${english}`,
});
