/**
 * The load generator, a process of its own: `sender.ts ORDER` sends prepared bodies over OTLP/HTTP
 * or OTLP/gRPC until so many records are acknowledged, and prints how long each answer took. What
 * is refused for now is sent again, as the protocol says.
 */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { rawConnect, rawExport } from '@vitrine/schema/grpc/raw-client';
import { makeBodies, type RecordSize, renew } from './bodies.ts';

export interface Order {
  transport: 'http' | 'grpc';
  url: string;
  token: string;
  records: number;
  recordsPerRequest: number;
  /** `shim` where it is left out. */
  recordSize?: RecordSize;
  senders: number;
  /** Pause between two requests of one sender; 0 sends as fast as it is answered. */
  pauseMs: number;
  /** Ends after so long, whatever is left. */
  msMax?: number;
}

export interface Sent {
  /** Acknowledged. */
  records: number;
  /** From the first request to the last answer. */
  ms: number;
  /** Of each answer, in ms, in order of length. */
  waitsMs: number[];
  refused: number;
  bodyBytes: number;
  cpuMs: number;
}

/** Where it goes, and as whom. */
type Target = Pick<Order, 'url' | 'token'>;

type Ask = (body: Buffer) => Promise<'taken' | 'later'>;

/** Bodies of each sender: a body is in flight once at a time. */
const BODIES_PER_SENDER = 4;
const LATER_MS = 50;
const OK = 0;
const UNAVAILABLE = 14;
const US_PER_MS = 1_000;

async function send(order: Order): Promise<Sent> {
  const { records, recordsPerRequest, recordSize, senders, pauseMs } = order;
  const { msMax = Number.POSITIVE_INFINITY } = order;
  const bodies = makeBodies(senders * BODIES_PER_SENDER, recordsPerRequest, recordSize);
  const sent: Sent = { records: 0, ms: 0, waitsMs: [], refused: 0, bodyBytes: 0, cpuMs: 0 };
  let left = Math.ceil(records / recordsPerRequest);
  let serial = 0;
  const end = performance.now() + msMax;
  const one = async (_: unknown, sender: number): Promise<void> => {
    const ask = order.transport === 'http' ? overHttp(order) : overGrpc(order);
    for (let turn = 0; left-- > 0 && performance.now() < end; turn++) {
      const body = bodies[sender * BODIES_PER_SENDER + (turn % BODIES_PER_SENDER)]!;
      const bytes = renew(body, serial++);
      sent.bodyBytes += bytes.length;
      for (;;) {
        const started = performance.now();
        const answer = await ask(bytes);
        if (answer === 'taken') {
          sent.waitsMs.push(performance.now() - started);
          sent.records += recordsPerRequest;
          break;
        }
        sent.refused++;
        await sleep(LATER_MS);
      }
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };
  const cpu = process.cpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: senders }, one));
  sent.ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  sent.cpuMs = (user + system) / US_PER_MS;
  sent.waitsMs.sort((a, b) => a - b);
  return sent;
}

export function overHttp({ url, token }: Target): Ask {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/x-protobuf',
  };
  return (body) =>
    new Promise((resolve, reject) => {
      const length = { 'content-length': String(body.length) };
      const options = { method: 'POST', agent, headers: { ...headers, ...length } };
      const asked = request(`${url}/v1/logs`, options, (answer) => {
        answer.resume().on('end', () => {
          if (answer.statusCode === 200) resolve('taken');
          else if (answer.statusCode === 429 || answer.statusCode === 503) resolve('later');
          else reject(new Error(`HTTP ${answer.statusCode}`));
        });
      });
      asked.on('error', reject).end(body);
    });
}

export function overGrpc({ url, token }: Target): Ask {
  const session = rawConnect(url);
  return async (body) => {
    const headers = { authorization: `Bearer ${token}` };
    const { status, message } = await rawExport(session, body, { headers });
    if (status === OK) return 'taken';
    if (status === UNAVAILABLE) return 'later';
    throw new Error(`gRPC ${status}: ${message}`);
  };
}

if (import.meta.main) {
  const sent = await send(JSON.parse(process.argv[2]!) as Order);
  // A session that is still open is nobody's any more; a pipe takes a long text in pieces.
  process.stdout.write(JSON.stringify(sent), () => process.exit(0));
}
