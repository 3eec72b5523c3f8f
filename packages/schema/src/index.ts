export * from './error.ts';
export * from './event.ts';
export * from './json.ts';
export * from './limits.ts';
export * from './otlp/index.ts';
export * from './title.ts';
