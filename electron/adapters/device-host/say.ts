/** Puts a line into the program's log, for what is worth knowing and no failure of a call. */
export type Say = (text: string, reason: string) => void;
