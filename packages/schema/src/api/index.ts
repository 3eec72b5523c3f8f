/**
 * What the collector's API answers (docs/reference/api.md), written once: the collector makes it,
 * command line and dashboard read it. 64-bit times are texts of nanoseconds since 1970, hashes are
 * base64.
 */
export type * from './alert.ts';
export type * from './approval.ts';
export type * from './backup.ts';
export type * from './connector.ts';
export type * from './connector-test.ts';
export type * from './coverage.ts';
export type * from './egress.ts';
export type * from './event.ts';
export * from './file.ts';
export type * from './fsck.ts';
export type * from './health.ts';
export type * from './histogram.ts';
export type * from './incident.ts';
export type * from './page.ts';
export type * from './process.ts';
export * from './pull.ts';
export type * from './redaction.ts';
export type * from './refusal.ts';
export * from './role.ts';
export type * from './rule.ts';
export type * from './sandbox.ts';
export type * from './session.ts';
export * from './source.ts';
export type * from './token.ts';
export type * from './view.ts';
