export { ASKED_HOOKS, hookEvent } from './claude-code/hook.ts';
export * from './otlp/index.ts';
export * from './record.ts';
export * from './scrub.ts';
