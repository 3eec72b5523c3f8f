/** Laws that hold for any record, and the sizes on both sides of their limits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EVENT_KINDS } from '../event.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import {
  CEF_LINE_BYTES_MAX,
  NORMALISED_BYTES_MAX,
  NORMALISED_CUT_NAMES_MAX,
  NORMALISED_LIST_MAX,
  NORMALISED_TEXT_CHARS_MAX,
} from '../limits.ts';
import { readCef } from './cef-reader.fixture.ts';
import type { LogEntry } from './entry.ts';
import { DIALECTS, isText, normalise, textLine } from './index.ts';
import { SUPERVISED } from './kinds.ts';
import { CEF_KEYS } from './line-facts.ts';
import { ocsfMistakes } from './ocsf-schema.fixture.ts';
import { entryOf, sampleEntries } from './samples.fixture.ts';

/** Names the dialects read, so that hostile values land where they are looked for. */
const PATHS = [
  'file.path file.target_path file.errno file.sha256 http.method http.path http.host http.status',
  'http.denied http.version net.dst_ip net.dst_port net.dst_host net.src_ip net.proto process.pid',
  'process.exe process.argv process.ppid process.exec_id agent.product agent.model agent.provider',
  'agent.id user.email user.id tool.name tool.success tool.duration_ms decision.value event.file',
  'decision.rule evidence tags rule title what todo id host host.edr subject severity vantage',
  'source.service usage.input_tokens prompt.id memory.path dns.name auth.action __proto__ event',
  'org.id usage.output_tokens',
].flatMap((line) => line.split(' '));

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '|',
    '=',
    '\\',
    '\n',
    '\r\n',
    '\u2028',
    '\ud800',
    '\udc00x',
    'a=b c|d\\',
    ' ',
    '',
  ),
  fc.constantFrom('127.0.0.1', '::1', 'fe80::1%e', 'POST', 'PROPFIND', 'reject', '1'),
  fc.constant('x'.repeat(9_000)),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 80 }),
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(fc.dictionary(fc.constantFrom('log', 'index', 'leaf', 'x'), text), { maxLength: 9 }),
);
const members = fc.dictionary(fc.constantFrom(...PATHS), value, { maxKeys: 12 }).map(nested);
const kinds = [...EVENT_KINDS, ...Object.keys(SUPERVISED), 'alert', 'admit', 'not.a.kind'];

const entry: fc.Arbitrary<LogEntry> = fc
  .record({
    members,
    kind: fc.constantFrom(...kinds),
    chain: fc.constantFrom(['s1', 'b7'], ['s1', 'sup'], ['log', 'alert'], ['log', 'audit']),
    t: fc.constantFrom('0', '1764000001000000001', '9223372036854775807', 'x'),
    host: fc.option(fc.dictionary(fc.constantFrom('name', 'ip', 'os', 'edr', 'process'), value)),
    sandbox: fc.constantFrom('', 's1'),
  })
  .map(({ members: made, kind, chain, t, host, sandbox }) => {
    const [session, shim] = chain as [string, string];
    const record = { ...made, kind, session, shim, seq: 1, t, v: 1, parts: {}, prev: 'AA==' };
    return entryOf(record, { host: host as JsonObject | null, sandbox });
  });

function nested(flat: Record<string, unknown>): JsonObject {
  const made: JsonObject = {};
  for (const [path, item] of Object.entries(flat)) {
    const [first, second] = path.split('.') as [string, string | undefined];
    if (second === undefined) made[first] = item as Json;
    else made[first] = { ...(isObject(made[first]) ? made[first] : {}), [second]: item as Json };
  }
  return made;
}

/** What one text of the record becomes, as long as it is asked for. */
const withMember = (more: JsonObject): LogEntry => {
  const { record } = sampleEntries().other!;
  return entryOf({ ...record, ...more });
};
const ocsf = (from: LogEntry): JsonObject => normalise(from, 'ocsf') as JsonObject;
const vitrine = (event: JsonObject): JsonObject =>
  (event.unmapped as JsonObject).vitrine as JsonObject;
const bytes = (made: unknown): number => Buffer.byteLength(JSON.stringify(made));

describe('any record', () => {
  it('becomes a valid event of bounded size in every dialect', () => {
    fc.assert(
      fc.property(entry, (from) => {
        for (const dialect of DIALECTS) {
          const made = normalise(from, dialect);
          assert.ok(JSON.stringify(made).isWellFormed());
          assert.ok(!/\\u[dD][89a-fA-F]/.test(JSON.stringify(made)), 'half of a pair');
          if (!isText(dialect)) assert.ok(bytes(made) <= NORMALISED_BYTES_MAX);
        }
        assert.deepEqual(ocsfMistakes(ocsf(from)), []);
      }),
      { numRuns: 200 },
    );
  });

  it('is one CEF line that reads back, whatever it holds', () => {
    fc.assert(
      fc.property(entry, (from) => {
        const line = normalise(from, 'cef') as string;
        assert.ok(Buffer.byteLength(line) <= CEF_LINE_BYTES_MAX);
        const { header, extension } = readCef(line);
        assert.equal(header.length, 7);
        assert.equal(extension.cn1, '1234');
        assert.equal(extension.cs6, from.leaf);
        for (const key of Object.keys(extension)) {
          const known =
            Object.hasOwn(CEF_KEYS, key) || key.endsWith('Label') || key === 'VitrineCut';
          assert.ok(known, key);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same twice', () => {
    fc.assert(
      fc.property(entry, (from) => {
        for (const dialect of DIALECTS) {
          assert.deepEqual(normalise(from, dialect), normalise(structuredClone(from), dialect));
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('sizes', () => {
  it('a text of the largest length is whole, one more is cut and named', () => {
    const whole = 'x'.repeat(NORMALISED_TEXT_CHARS_MAX);
    assert.equal((ocsf(withMember({ amount: whole })).unmapped as JsonObject).amount, whole);
    const event = ocsf(withMember({ amount: `${whole}x` }));
    assert.equal((event.unmapped as JsonObject).amount, `${whole.slice(1)}…`);
    assert.deepEqual(vitrine(event).cut, ['amount']);
    assert.equal((event.metadata as JsonObject).is_truncated, true);
  });

  it('a list of the largest length is whole, one more is cut and named', () => {
    const whole = Array.from({ length: NORMALISED_LIST_MAX }, (_, i) => i);
    const list = (from: LogEntry) => (ocsf(from).unmapped as JsonObject).list;
    assert.deepEqual(list(withMember({ list: whole })), whole);
    assert.deepEqual(list(withMember({ list: [...whole, 64] })), whole);
    assert.deepEqual(vitrine(ocsf(withMember({ list: [...whole, 64] }))).cut, ['list']);
  });

  it('an event of the largest size is whole; of one byte more a member goes and is named', () => {
    const filler = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`m${i}`, 'y'.repeat(2_000)]),
    );
    const at = (chars: number): JsonObject =>
      ocsf(withMember({ ...filler, fit: 'z'.repeat(chars % 4_000), fit2: 'z'.repeat(4_000) }));
    const fits = NORMALISED_BYTES_MAX - bytes(at(0));
    assert.ok(fits > 0 && fits < 4_000);
    assert.equal(bytes(at(fits)), NORMALISED_BYTES_MAX);
    assert.equal(vitrine(at(fits)).cut, undefined);
    assert.deepEqual(vitrine(at(fits + 1)).cut, ['fit2']);
  });

  it('thousands of small members are left out until the rest fits', () => {
    const many = Object.fromEntries(Array.from({ length: 6_000 }, (_, i) => [`m${i}`, i]));
    const event = ocsf(withMember(many));
    const kept = Object.keys(event.unmapped as JsonObject).length;
    assert.ok(bytes(event) <= NORMALISED_BYTES_MAX && bytes(event) > NORMALISED_BYTES_MAX - 100);
    assert.ok(kept > 1_000 && kept < 6_000);
    assert.match(String((vitrine(event).cut as string[]).at(-1)), /^and \d{4} more$/);
  });

  it('names of what was cut are counted beyond the largest number', () => {
    const long = 'x'.repeat(NORMALISED_TEXT_CHARS_MAX + 1);
    const members = (n: number): JsonObject =>
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`m${i}`, long]));
    const cut = (n: number) => vitrine(ocsf(withMember(members(n)))).cut as string[];
    assert.equal(cut(NORMALISED_CUT_NAMES_MAX).length, NORMALISED_CUT_NAMES_MAX);
    assert.ok(!cut(NORMALISED_CUT_NAMES_MAX).at(-1)!.startsWith('and '));
    assert.equal(cut(NORMALISED_CUT_NAMES_MAX + 1).length, NORMALISED_CUT_NAMES_MAX);
    assert.equal(cut(NORMALISED_CUT_NAMES_MAX + 1).at(-1), 'and 2 more');
  });

  it('mapped texts shrink where there is nothing else to leave out', () => {
    const hostile = Object.fromEntries(
      ['agent', 'user', 'file', 'http', 'net', 'process', 'tool', 'source', 'org'].map((group) => [
        group,
        Object.fromEntries(
          PATHS.filter((path) => path.startsWith(`${group}.`)).map((path) => [
            path.split('.')[1],
            '\u0001'.repeat(4_000),
          ]),
        ),
      ]),
    );
    const samples = Object.values(sampleEntries()).filter((_, i) => i % 8 === 0);
    for (const { record } of samples) {
      const made = ocsf(entryOf({ ...record, ...hostile, kind: record.kind! } as JsonObject));
      assert.ok(bytes(made) <= NORMALISED_BYTES_MAX);
      assert.deepEqual(ocsfMistakes(made), []);
    }
  });

  it('a CEF value of the largest length is whole, one more is cut and its key named', () => {
    const cef = (path: string) =>
      readCef(normalise(withMember({ file: { path } }), 'cef') as string).extension;
    const whole = `/${'p'.repeat(CEF_KEYS.filePath - 1)}`;
    assert.equal(cef(whole).filePath, whole);
    assert.equal(cef(whole).VitrineCut, undefined);
    assert.equal(cef(`${whole}p`).filePath, `${whole.slice(0, -1)}…`);
    assert.match(cef(`${whole}p`).VitrineCut!, /filePath/);
  });

  it('a CEF line that is too long loses from its longest texts first', () => {
    const long = '=\\'.repeat(2_000);
    const { record } = sampleEntries().alert!;
    const tags = Array.from({ length: 60 }, (_, i) => `ase.risk.${'r'.repeat(60)}${i}`);
    const line = normalise(
      entryOf({
        ...record,
        tags,
        what: long,
        event: { file: { path: long }, http: { path: long } },
      }),
      'cef',
    ) as string;
    assert.ok(Buffer.byteLength(line) <= CEF_LINE_BYTES_MAX);
    const { extension } = readCef(line);
    assert.match(extension.VitrineCut!, /cs4/);
    assert.equal(extension.cs1, 'build-4711');
    assert.equal(extension.dvchost, 'build-7');
  });

  it('a line for a datagram keeps what leads to the proof, and the link as long as it can', () => {
    const entry = sampleEntries().alert!;
    const { flexString2, msg, ...rest } = readCef(textLine(entry, 'cef', 560)).extension;
    assert.equal(flexString2, entry.link);
    assert.equal(msg, undefined);
    assert.match(rest.VitrineCut!, /^msg,.*dvcpid/);
    const { extension } = readCef(textLine(entry, 'cef', 480));
    const { cs6, cn1, externalId, flexString1 } = extension;
    assert.deepEqual([cs6, cn1, flexString1], [entry.leaf, '1234', entry.log]);
    assert.equal(externalId, entry.record.id);
    assert.equal(extension.flexString2, undefined);
  });
});

describe('what a source says of itself', () => {
  it('is no alert outside the chain of alerts', () => {
    const { record } = sampleEntries().alert!;
    const forged = entryOf({ ...record, session: 's1', shim: 'b7' });
    assert.equal(ocsf(forged).class_uid, 0);
    assert.equal((normalise(forged, 'ecs') as { event: JsonObject }).event.kind, 'event');
    assert.equal(readCef(normalise(forged, 'cef') as string).header[4], 'alert');
  });

  it('cannot stand in for host, vantage or place', () => {
    const said = { host: { name: 'evil' }, vantage: 'host', vitrine: { log: 'other' } };
    const event = ocsf(withMember(said));
    assert.equal((event.device as JsonObject).hostname, 'build-7');
    assert.equal(vitrine(event).vantage, 'boundary');
    assert.equal(vitrine(event).log, 'default.0.1');
  });
});

it('every dialect has the millisecond of a time, whatever its nanoseconds', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 9_223_372_036_854_775_807n), (ns) => {
      const entry = { ...sampleEntries().alert!, t: String(ns) };
      const ms = Number(ns / 1_000_000n);
      assert.equal((normalise(entry, 'ocsf') as JsonObject).time, ms);
      const { '@timestamp': time } = normalise(entry, 'ecs') as JsonObject;
      assert.equal(time, new Date(ms).toISOString());
      assert.equal(readCef(String(normalise(entry, 'cef'))).extension.rt, String(ms));
    }),
    { numRuns: 200, examples: [[1_764_000_001_250_000_000n]] },
  );
});
