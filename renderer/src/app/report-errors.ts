import type { App } from 'vue';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Bridge } from '../bridge/bridge.ts';

/** A screen that fails over and over must not fill the log: so many reports a minute and no more. */
const MOST_A_MINUTE = 20;

export interface ErrorReports {
  /** For failures somebody caught and could not treat. */
  report(where: string, error: unknown): void;
  /** Catches what Vue catches. */
  watchApp(app: App): void;
  close(): void;
}

/**
 * The one handler of failures nobody expected: to the machine's log, and one word to the clerk.
 * Personal data do not belong in messages; the sink masks them once more.
 * @param onReport told of each, so that the screen can say that something went wrong
 */
export function createErrorReports(bridge: Bridge, onReport: (error: unknown) => void): ErrorReports {
  let windowStart = 0;
  let count = 0;

  function report(where: string, error: unknown): void {
    onReport(error);
    const now = Date.now();
    if (now - windowStart > 60_000) {
      windowStart = now;
      count = 0;
    }
    count += 1;
    if (count > MOST_A_MINUTE) return;
    bridge
      .call('app.report', { where: where.slice(0, 200), message: describe(error).slice(0, 2000) })
      // There is nobody left to tell.
      .catch(() => undefined);
  }

  const onError = (event: ErrorEvent): void => report('window', event.error ?? event.message);
  const onRejection = (event: PromiseRejectionEvent): void => report('promise', event.reason);
  window.addEventListener('error', onError);
  window.addEventListener('unhandledrejection', onRejection);

  return {
    report,
    watchApp(app) {
      app.config.errorHandler = (error, _instance, info) => {
        console.error(error);
        report(`vue: ${info}`, error);
      };
    },
    close() {
      window.removeEventListener('error', onError);
      window.removeEventListener('unhandledrejection', onRejection);
    },
  };
}

function describe(error: unknown): string {
  if (error instanceof CodedError) return `${error.code}: ${error.message}`;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
