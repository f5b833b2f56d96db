import type { Database } from '../store/database.ts';
import type { ServerIdentity } from '../store/meta.ts';
import type { Gate } from './gate.ts';
import type { HallTurns } from './hall-turns.ts';
import type { ServerLog } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { News } from './news.ts';
import type { SignatureCheck } from './signatures.ts';

/** What every call needs. */
export interface ApiParts {
  database: Database;
  identity: ServerIdentity;
  log: ServerLog;
  gate: Gate;
  news: News;
  isSigned: SignatureCheck;
  turns: HallTurns;
  metrics: Metrics;
}
