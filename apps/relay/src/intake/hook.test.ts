/** Hooks of Claude Code on the socket of an intake, as the script in the sandbox sends them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  ASKED_HOOKS,
  HOOK_BYTES_MAX,
  HOOK_PATH,
  hookEvent,
  type JsonObject,
  OTLP_BODY_BYTES_MAX,
} from '@vitrine/schema';
import fc from 'fast-check';
import { type Bed, makeBed, readAll, tempDir } from '../../test/bed.ts';
import { type Answer, PROTOBUF, send } from '../../test/client.ts';
import { createIntake } from './server.ts';

const NOW = 1_764_000_000_000_000_000n;
const JSON_TYPE = { 'content-type': 'application/json' };

async function intake(t: TestContext) {
  const dir = tempDir(t);
  const bed = await makeBed(t, join(dir, 'spool'), { now: () => NOW });
  const socket = join(dir, 'agent.sock');
  const made = createIntake({ vantage: 'agent', custody: bed.custody, log: () => {} });
  await new Promise<void>((resolve) => made.server.listen(socket, resolve));
  t.after(() => made.close(0));
  const post = (body: string, headers: Record<string, string> = JSON_TYPE): Promise<Answer> =>
    send(socket, HOOK_PATH, { headers, body });
  return { bed, post };
}

function recordsOf(bed: Bed, kind: string): JsonObject[] {
  return readAll(bed.spool)
    .of('agent')
    .filter(({ record }) => record.kind === kind)
    .map(({ record }) => record as JsonObject);
}

const call = JSON.stringify({
  session_id: 'claude-1',
  hook_event_name: 'PreToolUse',
  tool_name: 'Bash',
  tool_use_id: 'toolu_1',
  tool_input: { command: 'ls -la' },
});

describe('a hook', () => {
  it('is durable when it is answered, and has the time of its custody', async (t) => {
    const { bed, post } = await intake(t);
    const answer = await post(call);
    assert.deepEqual([answer.status, answer.body.toString()], [200, '{}']);
    const [record, ...more] = recordsOf(bed, 'tool.call');
    assert.deepEqual(more, []);
    assert.equal(record?.t, String(NOW));
    const product = 'claude-code';
    assert.deepEqual(record?.agent, { id: 'main', product, session: 'claude-1' });
    assert.deepEqual(Object.keys(record?.parts as JsonObject), ['hook', 'tool_input']);
  });

  it('that says the same again is another one', async (t) => {
    const { bed, post } = await intake(t);
    await Promise.all([post(call), post(call)]);
    assert.equal(recordsOf(bed, 'tool.call').length, 2);
  });

  it('is refused with what is wrong, and what was lost is told', async (t) => {
    const { bed, post } = await intake(t);
    const large = JSON.stringify({ hook_event_name: 'Stop', x: 'x'.repeat(HOOK_BYTES_MAX) });
    const cases: [Promise<Answer>, number, RegExp][] = [
      [post('{'), 400, /this is no hook: it is not JSON/],
      [post('[]'), 400, /it is not a JSON object/],
      [post('{"session_id":"s"}'), 400, /no hook_event_name/],
      [post(large), 413, /3145728 at most/],
      [post('x'.repeat(OTLP_BODY_BYTES_MAX + 1)), 413, /more than/],
      [post(call, PROTOBUF), 415, /must be application\/json/],
    ];
    for (const [asked, status, text] of cases) {
      const answer = await asked;
      assert.equal(answer.status, status);
      assert.match(answer.body.toString(), text);
    }
    await bed.custody.close('drain');
    const drops = recordsOf(bed, 'telemetry.drop').map(({ reason }) => reason);
    assert.deepEqual([...new Set(drops)].sort(), ['malformed', 'too_large']);
  });

  it('becomes an admissible record, whatever its values are', async (t) => {
    const { bed } = await intake(t);
    const members = [
      'session_id',
      'agent_id',
      'tool_name',
      'tool_input',
      'tool_response',
      'source',
    ];
    const key = fc.constantFrom(...members, 'prompt', 'duration_ms', '__proto__', 'constructor');
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant('\ud800'));
    const hook = fc.record({
      name: fc.oneof(fc.constantFrom(...ASKED_HOOKS), fc.string({ minLength: 1 })),
      rest: fc.dictionary(key, value),
    });
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(hook, async ({ name, rest }) => {
        const body = Buffer.from(JSON.stringify({ ...rest, hook_event_name: name }));
        const { accepted, first } = await bed.custody.take('agent', () => [hookEvent(body)]);
        assert.equal(accepted, 1, first);
        taken++;
      }),
      { numRuns: 200 },
    );
    // The reader admits every record, as the collector does.
    const own = readAll(bed.spool)
      .of('agent')
      .filter(({ record }) => (record.source as JsonObject | undefined)?.signal === 'hook');
    assert.equal(own.length, taken);
  });
});
