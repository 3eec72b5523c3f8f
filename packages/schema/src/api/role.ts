/** Roles of tokens; the collector's `access/may.ts` says what each may do. */
export const ROLES = ['admin', 'analyst', 'auditor', 'ingest', 'runtime', 'reader'] as const;
export type Role = (typeof ROLES)[number];

/** Of people; sources and runtimes have no use for a dashboard. */
export const PEOPLE_ROLES = [
  'admin',
  'analyst',
  'auditor',
  'reader',
] as const satisfies readonly Role[];
