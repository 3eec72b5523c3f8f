/**
 * What the collector's API answers (docs/reference/api.md), written once: the collector makes it,
 * command line and dashboard read it. 64-bit times are texts of nanoseconds since 1970, hashes are
 * base64.
 */
export type * from './page.ts';
export type * from './rule.ts';
