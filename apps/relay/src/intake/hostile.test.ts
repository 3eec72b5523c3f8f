import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeExport, encodeLogsRequest, SchemaError, toEvents } from '@vitrine/schema';
import { makeBed, readAll, tempDir } from '../../test/bed.ts';

const ROUNDS = 1_500;
/** Requests that share a commit. */
const AT_ONCE = 50;

/** xorshift32: the same requests at every run. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const ODD = ['\ud800', '\u0000', '__proto__', 'x'.repeat(5_000), '1e400', '-0', 'ünïcode', ''];

function request(next: (below: number) => number): Buffer {
  const value = () =>
    [ODD[next(ODD.length)]!, next(2 ** 31), Buffer.from('raw'), 0.5, null][next(5)]!;
  const keys = ['file.path', 'agent', 'agent.session', 'source', 'source.shim', 'kind', 'prev'];
  const more = ['vitrine.part.x', 'vitrine.shim.seq', 'session.id', ...ODD];
  const key = () => [...keys, ...more][next(keys.length + more.length)]!;
  const records = Array.from({ length: 1 + next(4) }, () => ({
    eventName: ['file.read', 'telemetry.bye', 'open', 'close', ''][next(5)]!,
    timeUnixNano: ['0', '1', '18446744073709551615'][next(3)]!,
    attributes: Object.fromEntries(Array.from({ length: next(8) }, () => [key(), value()])),
  }));
  return encodeLogsRequest(records, next(2) === 0 ? {} : { 'vitrine.shim.name': key() });
}

function damaged(body: Buffer, next: (below: number) => number): Buffer {
  const bytes = Buffer.from(body);
  for (let i = next(3); i > 0 && bytes.length > 0; i--) bytes[next(bytes.length)] = next(256);
  return next(4) === 0 ? bytes.subarray(0, next(bytes.length + 1)) : bytes;
}

describe('whatever an agent sends', () => {
  it('becomes admissible records or is refused by name', async (t) => {
    const bed = await makeBed(t, tempDir(t));
    const next = chance(20_251_125);
    let kept = 0;
    let refused = 0;
    const send = async (body: Buffer): Promise<void> => {
      try {
        const read = () => toEvents(decodeExport('logs', 'protobuf', body));
        const { accepted } = await bed.custody.take('agent', read);
        kept += accepted;
      } catch (error) {
        assert.ok(error instanceof SchemaError, String(error));
        refused++;
      }
    };
    for (let i = 0; i < ROUNDS; i += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => send(damaged(request(next), next))));
    }
    assert.ok(kept > ROUNDS && refused > 100, `${kept} kept, ${refused} refused`);
    // The reader admits every record, as the collector does.
    const own = readAll(bed.spool)
      .of('agent')
      .filter(({ record }) => record.source === undefined);
    const kinds = new Set(own.map(({ record }) => record.kind));
    assert.deepEqual(kinds, new Set(['telemetry.hello', 'telemetry.drop']));
  });
});
