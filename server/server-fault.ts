export type ServerFaultCode =
  | 'PORT_IN_USE'
  | 'FOLDER_NOT_WRITABLE'
  | 'FOLDER_IN_USE'
  | 'DATABASE_MISSING'
  | 'DATABASE_UNREACHABLE'
  | 'DATABASE_NEWER'
  | 'NO_ACCOUNT'
  | 'HOST_UNKNOWN'
  | 'BACKUP_UNREADABLE'
  | 'BACKUP_NOT_WRITTEN'
  | 'RESTORE_REFUSED'
  | 'EXPORT_UNREADABLE'
  | 'EXPORT_REFUSED'
  | 'BAD_ARGUMENTS';

/** A reason not to start that a person can do something about: one sentence in each language. */
export class ServerFault extends Error {
  readonly code: ServerFaultCode;
  readonly sentence: string;
  constructor(code: ServerFaultCode, chinese: string, english: string) {
    super(english);
    this.name = 'ServerFault';
    this.code = code;
    this.sentence = `${chinese} ${english}`;
  }
}
