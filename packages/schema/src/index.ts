export { ASKED_HOOKS, HOOK_PATH, hookEvent } from './claude-code/hook.ts';
export { keepNamedSession } from './named-session.ts';
export * from './otlp/index.ts';
export * from './record.ts';
export * from './scrub.ts';
