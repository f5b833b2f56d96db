import { maskText } from '../../shared/domain/masking/mask.ts';

export type ServerLog = (
  level: 'info' | 'warning' | 'error',
  text: string,
  data?: Record<string, unknown>,
) => void;

/**
 * JSON lines on standard output, every text in them masked here so that no caller has to think of it. Bodies are
 * never given to it.
 */
export function createServerLog(
  write: (line: string) => void = (line) => process.stdout.write(line),
): ServerLog {
  return (level, text, data = {}) => {
    const line = JSON.stringify({ level, text, ...data }, (_, value: unknown) =>
      typeof value === 'string' ? maskText(value) : value,
    );
    write(`{"at":"${new Date().toISOString()}",${line.slice(1)}\n`);
  };
}
