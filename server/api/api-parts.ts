import type { Database } from '../store/database.ts';
import type { ServerIdentity } from '../store/meta.ts';
import type { Gate } from './gate.ts';
import type { ServerLog } from './log.ts';

/** What every call needs. */
export interface ApiParts {
  database: Database;
  identity: ServerIdentity;
  log: ServerLog;
  gate: Gate;
}
