/** The query language: text to tree and back, and what a tree says of a row. Needs no Node. */
export * from './ast.ts';
export * from './fields.ts';
export { fixTimes } from './fix.ts';
export * from './match.ts';
export { parseQuery } from './parse.ts';
export { fieldTerm, printQuery } from './print.ts';
