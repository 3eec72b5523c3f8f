/**
 * A Kafka topic as subscription: a collector publishes every record of its sessions, and every
 * checkpoint, to a real broker, while both are killed.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCheckpointNote } from '@vitrine/chain';
import { encodeLogsRequest, type JsonObject } from '@vitrine/schema';
import { type RunFile, Stage } from '../acceptance/path/collector-process.ts';
import { until } from '../acceptance/path/until.ts';
import { Broker, hasBroker } from './broker.ts';
import { type Arrival, Topics } from './topic.ts';

const SESSIONS = ['s1', 's2', 's3', 's4', 's5'];
const ROUNDS = 40;
const PUBLISHED_MS_MAX = 60_000;

let broker: Broker;
let topics: Topics;
let given = false;

before(async (t) => {
  given = hasBroker(t as TestContext);
  if (!given) return;
  broker = await Broker.start();
  topics = await Topics.of(broker);
});
after(async () => {
  if (!given) return;
  await topics.close();
  await broker.remove();
});

describe('a Kafka topic as subscription', () => {
  it('has every record and every checkpoint, whatever is killed', async (t) => {
    await topics.make('events');
    await topics.make('checkpoints');
    const stage = new Stage(t);
    stage.configure(settings());
    let collector = stage.launch();
    let run = await collector.ready();
    let sent = 0;
    const restart = async (): Promise<void> => {
      await collector.kill();
      collector = stage.launch();
      run = await collector.ready();
    };
    for (let round = 0; round < ROUNDS; round++) {
      for (const session of SESSIONS) sent += await push(run, tokenOf(stage), session, round);
      if (round % 10 === 5) await restart();
      if (round === 22) {
        await broker.kill();
        await broker.restart();
      }
      await sleep(20);
    }
    await until('every event is there', PUBLISHED_MS_MAX, async () => {
      const calls = firsts(await topics.read('events')).filter(isCall);
      return calls.length === sent || undefined;
    });
    const arrivals = await topics.read('events');
    checkEvents(arrivals, sent);
    t.diagnostic(`${arrivals.length - firsts(arrivals).length} doubles of ${arrivals.length}`);
    checkCheckpoints(await topics.read('checkpoints'), run);
    await collector.stop();
  });
});

function settings(): string {
  const common = { brokers: [`127.0.0.1:${broker.ports.plain}`], tls: false, allow: ['loopback'] };
  const of = (stream: string): object => {
    return {
      type: 'kafka',
      topic: stream,
      stream,
      dialect: 'vitrine',
      start: 'beginning',
      ...common,
    };
  };
  const connectors = { lake: of('events'), witness: of('checkpoints') };
  // JSON is YAML.
  return JSON.stringify({ listen: { api: 0, otlp_http: 0, otlp_grpc: 0 }, connectors });
}

function tokenOf({ data }: Stage): string {
  return readFileSync(join(data, 'admin.token'), 'utf8').trim();
}

/** Ten calls of a tool; how many. */
async function push(
  { otlp_http }: RunFile,
  token: string,
  session: string,
  round: number,
): Promise<number> {
  const records = Array.from({ length: 10 }, (_, i) => {
    const attributes = { 'session.id': session, 'tool.name': `${session} ${round} ${i}` };
    return { eventName: 'tool.call', timeUnixNano: '1', attributes };
  });
  const authorization = `Bearer ${token}`;
  const headers = { 'content-type': 'application/x-protobuf', authorization };
  const body = new Uint8Array(encodeLogsRequest(records));
  const answer = await fetch(`${otlp_http}/v1/logs`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200);
  return records.length;
}

function firsts(arrivals: Arrival[]): Arrival[] {
  const byId = new Map<string, Arrival>();
  for (const arrival of arrivals) {
    const id = arrival.headers['vitrine-id']!;
    const known = byId.get(id);
    if (known === undefined) byId.set(id, arrival);
    else assert.equal(arrival.value, known.value);
  }
  return [...byId.values()];
}

function isCall({ value }: Arrival): boolean {
  return (JSON.parse(value) as JsonObject).kind === 'tool.call';
}

/** Each session's records in the log's order, its calls in the order in which they were sent. */
function checkEvents(arrivals: Arrival[], sent: number): void {
  const first = firsts(arrivals);
  assert.ok(!first.some(({ key }) => key === 'log'), 'records of the log itself');
  const calls = first.filter(isCall);
  assert.equal(calls.length, sent);
  for (const session of SESSIONS) {
    const own = first.filter(({ key }) => key === session);
    const indices = own.map(({ headers }) => Number(headers['vitrine-index']));
    assert.deepEqual(
      indices,
      indices.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(own.map(({ partition }) => partition)).size, 1);
    const rounds = own.filter(isCall).map(({ value }) => JSON.parse(value).record.tool.name);
    const wanted = Array.from({ length: sent / SESSIONS.length }, (_, i) => {
      return `${session} ${Math.floor(i / 10)} ${i % 10}`;
    });
    assert.deepEqual(rounds, wanted);
  }
}

/** Signed notes of one log that only grows, under the leaf index of the last record of each. */
function checkCheckpoints(arrivals: Arrival[], { origin }: RunFile): void {
  const first = firsts(arrivals);
  assert.ok(first.length > ROUNDS / 10, `${first.length} checkpoints`);
  let last = 0;
  for (const { value, headers } of first) {
    const checkpoint = parseCheckpointNote(value);
    assert.equal(checkpoint.origin, origin);
    assert.equal(checkpoint.size, Number(headers['vitrine-index']) + 1);
    assert.ok(checkpoint.size > last);
    last = checkpoint.size;
  }
}
