/** Processes of a session as a tree, with what each did. */
import type { Vantage } from '../event.ts';
import type { AtSize } from './page.ts';
import type { Looked } from './view.ts';

export interface ProcessTree {
  /** A parent stands before its children. */
  processes: ProcessItem[];
  /** Whether that is all of them: only so many records are looked at, from the first on. */
  whole: boolean;
  /** Of starts and ends. */
  records: Looked;
  /** Of what processes did. */
  counted: Looked;
  /** What names no process that is known: connections and requests, and alerts. */
  unplaced: { egress: number; alerts: number };
  /** Of the session, the newest. */
  alerts: number;
}

export interface ProcessItem {
  /** Place in the list. */
  n: number;
  /** Place of the process that began it; `null` where none is known. */
  parent: number | null;
  /** Leaf index of the record that it was first seen in. */
  index: number;
  t: string;
  /** Whose numbers `pid` and `ppid` are. */
  shim: string;
  vantage: Vantage | '';
  pid: number;
  ppid: number;
  /** What it executed last; empty where nobody said. */
  exe: string;
  /** Leaf of its last `process.exec`. */
  exec: number | null;
  /** Its first words, where the record has them; `argv_part`: they are in part `argv`. */
  argv: string[];
  argc: number | null;
  argv_part: boolean;
  uid: number | null;
  execs: number;
  exit: { index: number; t: string; code: number | null; signal: string | null } | null;
  /** An attribution, where the observer stands outside the agent. */
  agents: string[];
  children: number;
  descendants: number;
  /** What it did itself, and with all below it. */
  own: ProcessCounts;
  total: ProcessCounts;
}

/** What a process did itself, or with all below it. */
export interface ProcessCounts {
  reads: number;
  writes: number;
  deletes: number;
  denied: number;
  /** Requests, tunnels and connections. */
  egress: number;
  alerts: number;
}

/** `/v1/sessions/:session/processes`. */
export type ProcessesAnswer = ProcessTree & AtSize;
