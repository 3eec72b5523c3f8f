/**
 * A flood of large requests, a process of its own: `flood.ts ORDER` keeps so many of them on their
 * way, over OTLP/HTTP and OTLP/gRPC by halves, until it is killed. One record each: they cost their
 * reader memory, and little else.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeLogsRequest } from '@vitrine/schema';
import { overGrpc, overHttp } from './sender.ts';

export interface FloodOrder {
  http: string;
  grpc: string;
  /** One for each way. */
  tokens: [string, string];
  requests: number;
  bytes: number;
}

const LATER_MS = 100;
const NONCE_BYTES = 12;

async function flood({ http, grpc, tokens, requests, bytes }: FloodOrder): Promise<void> {
  const body = encodeLogsRequest([
    { timeUnixNano: '1', body: 'x'.repeat(bytes), attributes: { 'session.id': 'flood' } },
  ]);
  const nonceAt = body.indexOf('xxxx');
  let serial = 0;
  const one = async (_: unknown, i: number): Promise<void> => {
    const url = i % 2 === 0 ? http : grpc;
    const target = { url, token: tokens[i % 2]! };
    const ask = i % 2 === 0 ? overHttp(target) : overGrpc(target);
    for (;;) {
      // What came before was written to its socket, or is no loss.
      body.write(String(serial++).padStart(NONCE_BYTES, '0'), nonceAt, 'latin1');
      const answer = await ask(Buffer.from(body)).catch(() => 'later');
      if (answer === 'later') await sleep(LATER_MS);
    }
  };
  await Promise.all(Array.from({ length: requests }, one));
}

if (import.meta.main) await flood(JSON.parse(process.argv[2]!) as FloodOrder);
