/** The two ports for OTLP: they share senders, refusals and the memory for what is on its way. */
import type { Server } from 'node:http';
import { OTLP_BODIES_BYTES_MAX } from '@vitrine/schema';
import { Budget } from '@vitrine/schema/receive';
import { listen } from '../listen.ts';
import { grpcReceiver } from './otlp-grpc.ts';
import { otlpServer } from './otlp-http.ts';
import type { ReceiveTarget } from './sender.ts';

export interface Receivers {
  /** Base URL of OTLP/HTTP. */
  http: string;
  /** Endpoint of OTLP/gRPC, in the form exporters take: `http` says that there is no TLS. */
  grpc: string;
  close(): Promise<void>;
}

export interface ReceivePorts {
  host: string;
  otlp_http: number;
  otlp_grpc: number;
}

/** A sender that has stalled half-way must not keep the others from a stop. */
const CLOSE_MS_MAX = 2_000;

/** Throws PORT_IN_USE; then neither port is open. */
export async function startReceivers(
  target: Omit<ReceiveTarget, 'budget'>,
  ports: ReceivePorts,
  bodiesBytesMax = OTLP_BODIES_BYTES_MAX,
): Promise<Receivers> {
  const shared = { ...target, budget: new Budget(bodiesBytesMax) };
  const { host } = ports;
  const http = otlpServer(shared);
  const grpc = grpcReceiver(shared);
  const url = (port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const httpUrl = url(await listen(http, host, ports.otlp_http));
  const close = async (): Promise<void> => {
    await Promise.all([closeHttp(http), grpc.close(CLOSE_MS_MAX)]);
  };
  try {
    return { http: httpUrl, grpc: url(await listen(grpc.server, host, ports.otlp_grpc)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function closeHttp(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX).unref();
  });
}
