/** What the views of an analyst can be asked. Times are unix nanoseconds. */
import type { FileOp, FileSort, MountMode } from '@vitrine/schema/api';

export interface FileQuery {
  log: string;
  size: number;
  session: string;
  limit: number;
  vantages?: string[];
  /** Part of the path, or of where it led, in any case. */
  text?: string;
  op?: FileOp;
  mode?: MountMode;
  sort?: FileSort;
  order?: 'asc' | 'desc';
}

export interface EgressQuery {
  log: string;
  size: number;
  /** Of one session, or of all. */
  session?: string;
  from?: string;
  to?: string;
  vantages?: string[];
  /** Part of the host, in any case. */
  host?: string;
  limit: number;
}

export interface ProcessQuery {
  log: string;
  size: number;
  session: string;
  vantages?: string[];
}

/** Of one session, or of all. */
export interface ApprovalQuery {
  log: string;
  size: number;
  session?: string;
  from?: string;
  to?: string;
}

export interface ApprovalViewQuery extends ApprovalQuery {
  user?: string;
  tool?: string;
}
