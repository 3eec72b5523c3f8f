/** A gRPC receiver on a loopback port that keeps what it takes, for the tests beside it. */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, SchemaError } from '../../error.ts';
import { Budget } from '../receive/budget.ts';
import { refusalOf } from '../receive/refusal.ts';
import { GRPC_STATUS } from '../response.ts';
import type { ExportCall } from './call.ts';
import { rawConnect } from './raw-client.ts';
import { type GrpcOptions, GrpcServer } from './server.ts';

/** What the receiver of the rig refuses, in words that a header cannot carry as they are. */
export class RigError extends CodedError<'NOT_WELCOME' | 'AWAY'> {}

const WAIT_MS_MAX = 5_000;
const BUDGET_BYTES = 67_108_864;

export async function startRig(t: TestContext, options: Partial<GrpcOptions<string>> = {}) {
  const budget = new Budget(BUDGET_BYTES);
  const taken: ExportCall<string>[] = [];
  const lost: string[] = [];
  const grpc = new GrpcServer<string>({
    memoryFor: () => budget,
    requestMsMax: 5_000,
    firstCallMsMax: 5_000,
    welcome: ({ authorization }) => authorization ?? '',
    take: async (call) => {
      taken.push({ ...call, body: Buffer.from(call.body) });
      return new Uint8Array();
    },
    lost: ({ code }) => lost.push(code),
    failureOf(error) {
      if (error instanceof SchemaError) return { ...refusalOf(error), message: error.message };
      const grpc = GRPC_STATUS.unavailable;
      return { grpc, message: (error as Error).message, retryMs: 1_500 };
    },
    ...options,
  });
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('close', () => connections--);
    grpc.take(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  t.after(async () => {
    server.close();
    await grpc.close(0);
  });
  const connect = () => {
    const session = rawConnect(`http://127.0.0.1:${port}`);
    t.after(() => session.destroy());
    return session;
  };
  return { grpc, budget, taken, lost, port, connect, connections: () => connections };
}

export async function until(what: string, isSo: () => boolean): Promise<void> {
  const from = Date.now();
  while (!isSo()) {
    assert.ok(Date.now() - from < WAIT_MS_MAX, `waited for: ${what}`);
    await sleep(5);
  }
}
