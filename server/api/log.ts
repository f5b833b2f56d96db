import { maskText } from '../../shared/domain/masking/mask.ts';

export type ServerLog = (
  level: 'info' | 'warning' | 'error',
  text: string,
  data?: Record<string, unknown>,
) => void;

/** JSON lines on standard output, masked here so that no caller has to think of it. Bodies are never given to it. */
export function createServerLog(
  write: (line: string) => void = (line) => process.stdout.write(line),
): ServerLog {
  return (level, text, data = {}) => {
    write(`${maskText(JSON.stringify({ at: new Date().toISOString(), level, text, ...data }))}\n`);
  };
}
