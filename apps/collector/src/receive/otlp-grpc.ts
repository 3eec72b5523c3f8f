/**
 * OTLP/gRPC for sources without a relay: Export of the logs, trace and metrics services. A status
 * of OK means that the request is durable; senders and refusals are those of OTLP/HTTP.
 */
import { createServer, type Server } from 'node:net';
import {
  encodeExportResponse,
  GRPC_FIRST_CALL_MS_MAX,
  OTLP_BODY_BYTES_MAX,
  OTLP_CONNECTIONS_MAX,
  OTLP_REQUEST_MS_MAX,
} from '@vitrine/schema';
import { GrpcServer } from '@vitrine/schema/grpc';
import { admitPush } from '../admit/push.ts';
import { answerTo } from './refusal.ts';
import { authenticate, memoryFor, type ReceiveTarget } from './sender.ts';

export interface GrpcReceiver {
  server: Server;
  /** Senders get `graceMs` to take their last answers. */
  close(graceMs: number): Promise<void>;
}

export function grpcReceiver(target: ReceiveTarget): GrpcReceiver {
  const grpc = new GrpcServer<string>({
    memoryFor: (caller) => memoryFor(target, caller, 0),
    // The batches of an OpenTelemetry Collector are above gRPC's usual 4 MiB, and refused is lost.
    messageBytesMax: OTLP_BODY_BYTES_MAX,
    requestMsMax: OTLP_REQUEST_MS_MAX,
    firstCallMsMax: GRPC_FIRST_CALL_MS_MAX,
    welcome: ({ authorization }) => authenticate(target, authorization),
    async take({ signal, caller, peer, body, started }) {
      const request = { principal: caller, peer, signal, contentType: 'protobuf', body } as const;
      const records = await admitPush(target, request);
      target.figures.acknowledged('grpc', signal, records, performance.now() - started);
      return encodeExportResponse(signal, 'protobuf');
    },
    failureOf(error) {
      const answer = answerTo(error, target.log);
      target.figures.refused('grpc', answer.code);
      return answer;
    },
  });
  const server = createServer((socket) => grpc.take(socket));
  server.maxConnections = OTLP_CONNECTIONS_MAX;
  const close = async (graceMs: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    await Promise.all([promise, grpc.close(graceMs)]);
  };
  return { server, close };
}
