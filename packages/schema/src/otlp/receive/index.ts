/** What every receiver of OTLP does alike, over HTTP and over gRPC. Runs in Node only. */
export * from './body.ts';
export * from './budget.ts';
export * from './refusal.ts';
export { ACCEPTED_PACKINGS, type Packing, packingOf } from './unpack.ts';
