/**
 * The recorded session of the real CLI through a running collector: OTLP in both encodings and
 * hooks to its port, and what its API then says of the session.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  decodeExport,
  HOOK_PATH,
  type Json,
  type JsonObject,
  readPath,
  type Signal,
} from '@vitrine/schema';
import { type Collector, startCollector } from '../main.ts';

const VECTORS = new URL('../../../../test/vectors/claude-code/', import.meta.url);
/** The session of the JSON recording and of the hooks, and that of the protobuf recording. */
const JOINED = '81f7f9c9-24b6-4c92-bf35-b4763590408d';
const OTHER = '9f56465e-4125-494e-8cfd-4309ed60abb8';
const HOOKS = 58;
const WAIT_MS_MAX = 20_000;
/** `open`, the two `join`s and what the log says of its own are not from the recordings. */
const OWN_KINDS = ['open', 'join', 'end', 'close'];

interface Item {
  kind: string;
  index: number;
  vantage: string;
  via: string;
  t: string;
  agent: string;
  record: JsonObject;
}

const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-claude-'));
let collector: Collector;
let token = '';

before(async () => {
  writeFileSync(join(dataDir, 'vitrine.yaml'), 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  const onFatal = (error: unknown): void => assert.fail(String(error));
  collector = await startCollector({ dataDir, log: () => {}, onFatal });
  token = readFileSync(collector.adminTokenFile, 'utf8').trim();
});
after(async () => {
  await collector.stop();
  rmSync(dataDir, { recursive: true });
});

function linesOf(file: string): string[] {
  const text = readFileSync(new URL(file, VECTORS), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

async function post(path: string, type: string, body: string | Buffer): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const sent = { method: 'POST', headers, body: body as NonNullable<RequestInit['body']> };
  const answer = await fetch(collector.otlp + path, sent);
  assert.equal(answer.status, 200, await answer.text());
}

interface Request {
  url: string;
  contentType: string;
  body: Buffer;
}

function requestsOf(encoding: 'json' | 'protobuf'): Request[] {
  return linesOf(`otlp-${encoding}.jsonl`).map((line) => {
    const { url, contentType, body } = JSON.parse(line);
    const isJson = encoding === 'json';
    return {
      url,
      contentType,
      body: isJson ? Buffer.from(JSON.stringify(body)) : Buffer.from(body, 'base64'),
    };
  });
}

function countOf(encoding: 'json' | 'protobuf'): number {
  const counts = requestsOf(encoding).map(({ url, body }) => {
    return decodeExport(url.slice('/v1/'.length) as Signal, encoding, body).count;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Hooks and telemetry in turns, as they come from a live session. */
async function pushRecordings(): Promise<void> {
  const hooks = linesOf('hooks.jsonl');
  for (const { url, contentType, body } of requestsOf('json')) {
    await post(url, contentType, body);
    for (const hook of hooks.splice(0, 4)) await post(HOOK_PATH, 'application/json', hook);
  }
  for (const hook of hooks) await post(HOOK_PATH, 'application/json', hook);
  for (const { url, contentType, body } of requestsOf('protobuf')) {
    await post(url, contentType, body);
  }
}

async function get(path: string): Promise<JsonObject> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(collector.api + path, { headers });
  assert.equal(answer.status, 200, path);
  return (await answer.json()) as JsonObject;
}

/** All events of a session that its source sent, once there are as many as there should be. */
async function eventsOf(session: string, count: number): Promise<Item[]> {
  const deadline = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const { items } = await get(`/v1/sessions/${session}/events?order=asc&limit=1000`);
    const sent = (items as unknown as Item[]).filter(({ kind }) => !OWN_KINDS.includes(kind));
    if (sent.length >= count || Date.now() > deadline) {
      assert.equal(sent.length, count);
      return sent;
    }
    await sleep(50);
  }
}

function at(item: Item, path: string): Json | undefined {
  return readPath(item.record, path);
}

function of(items: Item[], signal: string, kind: string): Item[] {
  return items.filter((item) => item.kind === kind && at(item, 'source.signal') === signal);
}

function callOf(item: Item): string {
  return `${at(item, 'agent.id')} ${at(item, 'tool.use_id')}`;
}

describe('a session of Claude Code that is pushed', () => {
  let items: Item[] = [];
  before(async () => {
    await pushRecordings();
    items = await eventsOf(JOINED, HOOKS + countOf('json'));
  });

  it('is one session under its own id, whichever way its events came', async () => {
    const told = items.filter((item) => at(item, 'source.signal') === 'hook');
    assert.equal(told.length, HOOKS);
    assert.deepEqual([...new Set(items.map(({ via }) => via))].sort(), ['hook', 'otlp']);
    assert.deepEqual([...new Set(items.map(({ vantage }) => vantage))], ['agent']);
    assert.ok(items.every((item) => at(item, 'agent.session') === JOINED));
    assert.ok(
      told.every(({ t }) => t.length === 19),
      'a hook has the time of its receipt',
    );
    await eventsOf(OTHER, countOf('protobuf'));
    const { items: sessions } = await get('/v1/sessions');
    const names = (sessions as JsonObject[]).map(({ session }) => session);
    assert.deepEqual(names.filter((name) => name === JOINED || name === OTHER).length, 2);
  });

  it('keeps the rules awake that need no more, and says what the others lack', async () => {
    const { items: rules } = await get('/v1/rules');
    const of = (id: string): unknown[] => {
      const { state, missing } = (rules as JsonObject[]).find((rule) => rule.id === id)!;
      return [state, missing];
    };
    assert.deepEqual(of('APR-004'), ['active', []]);
    assert.deepEqual(of('TEL-001'), ['active', []]);
    assert.deepEqual(of('APR-009'), ['dormant', [['strace', 'gvisor', 'bpftrace']]]);
    assert.deepEqual(of('EGR-003'), ['dormant', [['mitmproxy']]]);
  });

  it('has its prompts, told by hook and telemetry, joined by their id', () => {
    const ids = (signal: string): unknown[] =>
      of(items, signal, 'prompt.submit').map((item) => at(item, 'prompt.id'));
    assert.equal(ids('hook').length, 2);
    assert.deepEqual(ids('hook'), ids('log'));
    for (const item of of(items, 'hook', 'prompt.submit')) {
      assert.ok(typeof at(item, 'parts.prompt') === 'string');
    }
  });

  it('has its model requests with model, tokens and agent', () => {
    const requests = of(items, 'log', 'model.request');
    assert.equal(requests.length, 28);
    for (const item of requests) {
      assert.equal(at(item, 'agent.model'), 'claude-opus-5-5');
      assert.equal(at(item, 'usage.input_tokens'), 10);
      assert.equal(at(item, 'usage.output_tokens'), 20);
    }
    assert.equal(new Set(requests.map((item) => at(item, 'request.id'))).size, 28);
    assert.equal(new Set(requests.map(({ agent }) => agent)).size, 4, 'main and three subagents');
  });

  it('has each tool call seen by both, with its decision', () => {
    const calls = of(items, 'hook', 'tool.call').map(callOf);
    assert.equal(new Set(calls).size, 23);
    assert.deepEqual(of(items, 'hook', 'tool.result').map(callOf).sort(), [...calls].sort());
    assert.deepEqual(of(items, 'log', 'tool.result').map(callOf).sort(), [...calls].sort());
    const decisions = of(items, 'log', 'approval.decision');
    assert.deepEqual(decisions.map(callOf).sort(), [...calls].sort());
    for (const item of decisions) {
      assert.deepEqual(item.record.decision, { value: 'accept', source: 'config' });
    }
  });

  it('has its subagents as a tree', () => {
    const spawned = of(items, 'hook', 'agent.spawn').map((item) => at(item, 'agent.id'));
    const stopped = of(items, 'log', 'agent.stop');
    const parents = new Map(stopped.map((i) => [at(i, 'agent.id'), at(i, 'agent.parent_id')]));
    assert.deepEqual(
      spawned.map((agent) => parents.get(agent)),
      ['main', spawned[0], spawned[1]],
    );
    const starts = of(items, 'hook', 'tool.result').filter(
      (item) => at(item, 'tool.agent_id') !== undefined,
    );
    assert.equal(starts.length, 3);
    for (const item of starts) {
      assert.equal(parents.get(at(item, 'tool.agent_id')), at(item, 'agent.id'));
    }
  });

  it('shows no content in its records and hands it out as parts', async () => {
    const [upload] = of(items, 'hook', 'tool.call').filter(
      (item) => at(item, 'tool.program') === 'curl',
    );
    assert.ok(!JSON.stringify(upload!.record).includes('finance.csv'));
    const path = `/v1/events/default.0.1/${upload!.index}/parts/tool_input`;
    const headers = { authorization: `Bearer ${token}` };
    const part = await (await fetch(collector.api + path, { headers })).text();
    assert.ok(part.includes('finance.csv'), part);
  });
});
