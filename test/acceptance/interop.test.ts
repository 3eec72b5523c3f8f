/**
 * OTLP/gRPC as other people's programs speak it: a Go client of OpenTelemetry's own exporters and
 * of grpc-go (`test/interop`) against a running system.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { makeToken } from './path/api.ts';
import { REPOSITORY, Stage } from './path/collector-process.ts';
import { type EventItem, eventsOf } from './path/events.ts';
import { buildGo } from './path/go.ts';
import { isGiven } from './path/requirement.ts';
import { System } from './path/system.ts';
import { until } from './path/until.ts';

const SOURCE = join(REPOSITORY, 'test/interop');
const ROWS_MS_MAX = 30_000;
const CALLS_AT_ONCE = 500;
/** Status codes of gRPC, as its documentation numbers them. */
const [ok, invalidArgument, deadlineExceeded, resourceExhausted] = [0, 3, 4, 8];
const [unimplemented, unauthenticated] = [12, 16];

interface Heard {
  code: number;
  message: string;
  retryMs?: number;
}

/** One run of the client. `lines` hears what it prints before its result, and may let it go on. */
async function interop<T>(
  client: string,
  args: string[],
  lines: (line: string) => void = () => {},
): Promise<T> {
  const child = spawn(client, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (line.startsWith('{') || line.startsWith('[')) continue;
    lines(line);
    child.stdin.write('\n');
  }
  assert.match(last, /^[[{]/, 'the client ended without a result');
  return JSON.parse(last) as T;
}

const toolOf = ({ record }: EventItem) => (record.tool as { name: string } | undefined)?.name;

async function rowsOf(system: System, session: string, count: number): Promise<EventItem[]> {
  return until(`${count} events of ${session}`, ROWS_MS_MAX, async () => {
    const rows = await eventsOf(system, session);
    const own = rows.filter(({ shim }) => shim === 'in');
    return own.length >= count ? own : undefined;
  });
}

test('a Go client over OTLP/gRPC', async (t) => {
  const stage = new Stage(t);
  const client = join(stage.dir, 'interop');
  const without = buildGo(SOURCE, client);
  if (!isGiven(t, without === '', without)) return;
  const system = await System.up(stage);
  const token = await makeToken(system.run, system.data, 'ingest');
  const { host } = new URL(system.run.otlp_grpc);
  const args = (command: string) => [host, token, command, `go-${command}`];

  await t.test('sends logs, spans and metrics with the SDK, packed', async () => {
    assert.deepEqual(await interop(client, args('sdk')), { sent: 3 });
    const rows = await rowsOf(system, 'go-sdk', 3);
    const named = rows.map((row) => toolOf(row) ?? (row.record.source as { event: string }).event);
    assert.deepEqual(named.sort(), ['go span', 'go-tool', 'go.counter']);
    assert.ok(rows.every(({ vantage }) => vantage === 'agent'));
  });

  await t.test(
    'hears every refusal in trailers, and goes on with the same connection',
    async () => {
      const found = await interop<Record<string, Heard>>(client, args('calls'));
      const expected: Record<string, [number, RegExp]> = {
        plain: [ok, /^$/],
        packed: [ok, /^$/],
        'four million bytes': [ok, /^$/],
        'seventeen million bytes': [resourceExhausted, /^OTLP_TOO_LARGE: .*16777216 bytes/],
        'seventeen million bytes packed': [resourceExhausted, /^OTLP_TOO_LARGE/],
        'no token': [unauthenticated, /^UNAUTHENTICATED: .*OTEL_EXPORTER_OTLP_HEADERS/],
        'a wrong token': [unauthenticated, /^UNAUTHENTICATED/],
        'no OTLP': [invalidArgument, /^OTLP_MALFORMED/],
        'another method': [unimplemented, /LogsService\/Import is not served/],
        'another service': [unimplemented, /Health\/Check is not served/],
        'after all that': [ok, /^$/],
      };
      assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
      for (const [name, [code, message]] of Object.entries(expected)) {
        assert.equal(found[name]!.code, code, `${name}: ${found[name]!.message}`);
        assert.match(found[name]!.message, message);
        assert.equal(found[name]!.retryMs, undefined, `${name} would be refused again`);
      }
      const kept = (await rowsOf(system, 'go-calls', 4)).map(toolOf);
      assert.deepEqual(kept, ['plain', 'packed', 'four million bytes', 'after all that']);
    },
  );

  await t.test(
    'makes more calls at once than one connection may have, and loses none',
    async () => {
      const counts = await interop<Record<string, number>>(client, args('burst'));
      assert.deepEqual(counts, { [ok]: CALLS_AT_ONCE });
      const kept = (await rowsOf(system, 'go-burst', CALLS_AT_ONCE)).map(toolOf);
      assert.equal(new Set(kept).size, CALLS_AT_ONCE);
      assert.equal(kept.length, CALLS_AT_ONCE);
    },
  );

  await t.test('sends again what missed its deadline, and finds it in the log once', async () => {
    const { pid } = system.run;
    const heard = await interop<Heard[]>(client, args('deadline'), (line) => {
      process.kill(pid, line === 'ready' ? 'SIGSTOP' : 'SIGCONT');
    });
    assert.deepEqual(
      heard.map(({ code }) => code),
      [deadlineExceeded, ok],
    );
    const kept = (await rowsOf(system, 'go-deadline', 2)).map(toolOf);
    assert.deepEqual(kept, ['at leisure', 'in a hurry']);
  });
});
