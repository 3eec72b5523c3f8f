/** How rows of the tables look in an answer, and how they become rows of ours. */
import type { CheckpointRow, PartRow, RecordRow } from '../row.ts';

/** An answer of the engine: 64-bit integers and hashes as text. */
export interface RawRecord {
  tenant: string;
  log: string;
  idx: string;
  session: string;
  shim: string;
  seq: string;
  kind: string;
  t: string;
  observed: string;
  sandbox: string;
  via: string;
  vantage: string;
  peer: string;
  leaf64: string;
  record: string;
  agent: string;
  severity: number;
  title: string;
  subject: string;
}

export const RECORD_SELECT =
  'tenant, log, idx, session, shim, seq, kind, t, observed, sandbox, via, vantage, peer, ' +
  'base64Encode(leaf) AS leaf64, record, agent, severity, title, subject';

/** A seal has no place in a chain. */
const SEQ_NONE = '-1';

export function recordOf({ leaf64, ...raw }: RawRecord): RecordRow {
  return {
    ...raw,
    idx: Number(raw.idx),
    seq: raw.seq === SEQ_NONE ? null : Number(raw.seq),
    leaf: Buffer.from(leaf64, 'base64'),
  };
}

export interface RawPart {
  tenant: string;
  log: string;
  idx: string;
  name: string;
  salt64: string;
  data64: string;
}

export const PART_SELECT =
  'tenant, log, idx, name, base64Encode(salt) AS salt64, base64Encode(data) AS data64';

export function partOf({ salt64, data64, ...raw }: RawPart): PartRow {
  return {
    ...raw,
    idx: Number(raw.idx),
    salt: Buffer.from(salt64, 'base64'),
    data: Buffer.from(data64, 'base64'),
  };
}

export interface RawCheckpoint {
  log: string;
  size: string;
  root64: string;
  note: string;
}

export const CHECKPOINT_SELECT = 'log, size, base64Encode(root) AS root64, note';

export function checkpointOf({ log, size, root64, note }: RawCheckpoint): CheckpointRow {
  return { log, size: Number(size), root: Buffer.from(root64, 'base64'), note };
}

/** The tenant is the log name's first label; it leads the tables' order. */
export function tenantOf(log: string): string {
  return log.split('.', 1)[0]!;
}
