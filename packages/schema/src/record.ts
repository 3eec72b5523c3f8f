/**
 * What records are made of and what they say, without the OTLP they came in. Needs nothing of Node,
 * so that a verifier in a browser means the same by a record as the store does.
 */
export * from './alert-state.ts';
export * from './columns.ts';
export * from './error.ts';
export * from './event.ts';
export { exactJson } from './exact.ts';
export * from './json.ts';
export * from './limits.ts';
export * from './links.ts';
export * from './title.ts';
