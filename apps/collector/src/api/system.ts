/** What the routes may use; `main.ts` puts it together. */
import type { Store } from '@vitrine/store';
import type { LoginCodes } from '../access/login-codes.ts';
import type { Tokens } from '../access/tokens.ts';
import type { BackupHold } from '../backup/hold.ts';
import type { Config } from '../config.ts';
import type { Deliveries } from '../deliver/deliveries.ts';
import type { Detection, DetectionStatus } from '../detect/detection.ts';
import type { Figures } from '../metrics/figures.ts';
import type { Fleet } from '../pull/fleet.ts';
import type { Journal } from '../queue/journal.ts';
import type { JournalRetention } from '../queue/retention.ts';
import type { Redactor } from '../redact/redactor.ts';
import type { LogIdentity } from '../sequence/identity.ts';
import type { PublishedNote } from '../sequence/intents.ts';
import type { Clock } from '../sequence/sequencer.ts';
import type { EvidenceTree, LogState } from '../sequence/state.ts';
import type { Pulls } from '../serve/pulls.ts';
import type { Triage } from '../triage/triage.ts';
import type { Hosts } from './hosts.ts';
import type { RuleCounts } from './rule-counts.ts';
import type { Tail } from './tail.ts';

export interface System {
  config: Config;
  clock: Clock;
  store: Store;
  journal: Journal;
  journalRetention: JournalRetention;
  redactor: Redactor;
  tokens: Tokens;
  loginCodes: LoginCodes;
  fleet: Fleet;
  tail: Tail;
  hosts: Hosts;
  triage: Triage;
  figures: Figures;
  identity: LogIdentity;
  hold: BackupHold;
  /** The sequencer's state: read only here. */
  state: LogState;
  published: () => PublishedNote | null;
  /** Resolves when the published log has all that is in the queue now, or after `msMax`. */
  caughtUp: (msMax: number) => Promise<void>;
  detection: () => DetectionStatus;
  ruleCounts: RuleCounts;
  rules: Pick<Detection, 'loaded' | 'reload' | 'ruleText'>;
  deliveries: Deliveries;
  pulls: Pulls;
  /** The newest published tree whose seal has heads: what bundles are made for. */
  evidence: () => EvidenceTree | null;
  log: (line: string) => void;
}
