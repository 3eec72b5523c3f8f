/**
 * An OTLP receiver for the stand-ins of tests: HTTP/1.1 and gRPC on one socket, as a relay's intake
 * is. Nothing of a relay but its wire.
 */
import { createServer } from 'node:http';
import {
  decodeExport,
  encodeExportResponse,
  GRPC_STATUS,
  OTLP_BODY_BYTES_MAX,
  type SandboxEvent,
  type Signal,
  toEvents,
} from '@vitrine/schema';
import { GrpcServer, shareListener } from '@vitrine/schema/grpc';
import { Budget } from '@vitrine/schema/receive';

/** What a request is, and what it says. */
export interface Received {
  signal: Signal;
  wire: 'HTTP' | 'gRPC';
  body: Buffer;
  events: () => SandboxEvent[];
  /** `authorization`, if it was sent. */
  token: string | undefined;
}

export interface StageOtlp {
  listen(socket: string): Promise<void>;
  /** Cuts everything. */
  stop(): Promise<void>;
}

const PATIENCE_MS = 60_000;
/** What a status over HTTP is over gRPC. */
const GRPC_OF: Record<number, number> = {
  400: GRPC_STATUS.invalidArgument,
  401: GRPC_STATUS.unauthenticated,
  413: GRPC_STATUS.resourceExhausted,
  429: GRPC_STATUS.resourceExhausted,
  500: GRPC_STATUS.internal,
  503: GRPC_STATUS.unavailable,
};

class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

/** `take` resolves with the HTTP status that the sender gets; 200 is an acknowledgement. */
export function stageOtlp(take: (received: Received) => Promise<number>): StageOtlp {
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const encoding = request.headers['content-type']?.includes('json') ? 'json' : 'protobuf';
    const signal = request.url!.slice('/v1/'.length) as Signal;
    const body = Buffer.concat(chunks);
    const events = () => toEvents(decodeExport(signal, encoding, body));
    const token = request.headers.authorization;
    response.writeHead(await take({ signal, wire: 'HTTP', body, events, token })).end();
  });
  const budget = new Budget(4 * OTLP_BODY_BYTES_MAX);
  const grpc = new GrpcServer<string | undefined>({
    memoryFor: () => budget,
    requestMsMax: PATIENCE_MS,
    firstCallMsMax: PATIENCE_MS,
    welcome: ({ authorization }) => authorization,
    async take({ signal, body: view, caller: token }) {
      const body = Buffer.from(view);
      const events = () => toEvents(decodeExport(signal, 'protobuf', body));
      const status = await take({ signal, wire: 'gRPC', body, events, token });
      if (status !== 200) throw new Refused(status);
      return encodeExportResponse(signal, 'protobuf');
    },
    failureOf: (error) => {
      const status = error instanceof Refused ? error.status : 413;
      const again = status === 429 ? { retryMs: 1 } : {};
      return { grpc: GRPC_OF[status]!, message: String(error), ...again };
    },
  });
  shareListener(http, grpc, PATIENCE_MS);
  return {
    listen: (socket) => new Promise((resolve) => http.listen(socket, resolve)),
    async stop() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      await Promise.all([closed, grpc.close(0)]);
    },
  };
}
