/** What can be said about one job afterwards. `uncertain`: bytes left and nothing proves what became of them. */
export type PrintOutcome =
  | { outcome: 'printed' }
  | { outcome: 'handed-over' }
  | { outcome: 'failed-before-send'; error: 'PRINT_UNREACHABLE' | 'PRINT_PAPER_OUT' | 'PRINT_NO_PRINTER' }
  | { outcome: 'uncertain'; error: 'PRINT_UNCERTAIN' };

/** What can be known of a printer without printing. */
export interface PrinterCondition {
  state: 'ready' | 'paper-out' | 'not-ready' | 'unreachable' | 'no-printer' | 'silent';
  /** The most that {@link PrinterPort.send} can say of a sheet. */
  proves: 'printed' | 'handed-over';
}

export interface PrinterPort {
  /** Shown to the clerk and kept on the sheet's row. */
  name: string;
  /** true for the virtual printer: paper is a picture. */
  virtual: boolean;
  /**
   * Sends one finished job. Settles within its own time limits and never rejects.
   * @param bytes ESC/POS, ending in the status request that proves it was executed
   * @param jobName ASCII, no personal data; becomes the file or job name
   * @param pauseMs after each band when the job is given in bands
   */
  send(bands: Uint8Array[], jobName: string, pauseMs: number): Promise<PrintOutcome>;
  /** Asks for its condition, between two jobs. Settles within its own time limits, never rejects, moves no paper. */
  check(): Promise<PrinterCondition>;
  close(): Promise<void>;
}
