/** OTLP/gRPC: unary calls on `node:http2`. Runs in Node only, so it is no part of the index. */
export type { RpcFailure } from './answer.ts';
export type { ExportCall } from './call.ts';
export { type GrpcOptions, GrpcServer } from './server.ts';
export { shareListener } from './share.ts';
