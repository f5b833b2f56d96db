export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** Where log lines go. The sink masks personal data (shared/domain/masking), the caller need not. */
export interface LogPort {
  write(level: LogLevel, area: string, text: string, data?: Record<string, unknown>): void;
}
