export * from './otlp/index.ts';
export * from './record.ts';
export * from './scrub.ts';
