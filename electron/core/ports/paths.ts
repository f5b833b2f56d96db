/** Folders of this installation. All exist and are writable when the core starts, or start-up has failed in words. */
export interface PathsPort {
  /** Everything this program keeps: journal, spool, settings, secrets, browser profile. */
  profile: string;
  /** Slips and previews the clerk may open. */
  papers: string;
  /** Read-only data shipped with the program (catalogue, calendar). */
  resources: string;
}
