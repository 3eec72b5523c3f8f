/** Files that a session touched, summed over events; what was seen from elsewhere stays apart. */
import type { Grant, Vantage } from '../event.ts';
import type { AtSize } from './page.ts';
import type { Looked, Names } from './view.ts';

export const FILE_SORTS = [
  'path',
  'reads',
  'writes',
  'deletes',
  'denied',
  'first',
  'last',
] as const;
export type FileSort = (typeof FILE_SORTS)[number];

/** What a file must have seen to be listed. */
export const FILE_OPS = ['read', 'write', 'delete', 'denied', 'other'] as const;
export type FileOp = (typeof FILE_OPS)[number];

/** Modes of granted directories. */
export const MOUNT_MODES = ['ro', 'rw', 'rw_no_delete'] as const satisfies readonly Grant['mode'][];
export type MountMode = (typeof MOUNT_MODES)[number];

export interface Files {
  items: FileItem[];
  /** Rows that the filter leaves; `items` has the first of them. */
  of: number;
  looked: Looked;
}

/** One path as it was asked for, as one vantage saw it. */
export interface FileItem {
  vantage: Vantage | '';
  /** Its first characters; `chars` says how many it has. */
  path: string;
  chars: number;
  /** Where it led to, where that is another path. */
  real: Names;
  reads: number;
  /** Written, created, truncated. */
  writes: number;
  /** Deleted, or as good as that: replaced or moved away. */
  deletes: number;
  /** Refused by the kernel; counted nowhere else. */
  denied: number;
  /** Renamed, linked, mounted, opened for nothing that is known. */
  other: number;
  /** Modes of the granted directories it lies in, in the words of its observers. */
  modes: string[];
  /** `shim/pid exe` of whoever did it. */
  processes: Names;
  /** An attribution by the process tree, where the observer stands outside the agent. */
  agents: Names;
  first_t: string;
  last_t: string;
  /** Leaf of the first and of the last event. */
  first: number;
  last: number;
}

/** `/v1/sessions/:session/files`. */
export type FilesAnswer = Files & AtSize;
