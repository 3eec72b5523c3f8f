/** Golden files: every sample in every dialect, and each of them valid where it goes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { EVENT_KINDS } from '../event.ts';
import type { JsonObject } from '../json.ts';
import { readCef } from './cef-reader.fixture.ts';
import { ECS, ecsMistakes } from './ecs-fields.fixture.ts';
import { DIALECTS, goldenFile, goldenText } from './golden.fixture.ts';
import { normalise } from './index.ts';
import { KINDS, OCSF_CLASSES, SUPERVISED } from './kinds.ts';
import { readLeef } from './leef-reader.fixture.ts';
import { ocsfMistakes, SCHEMA } from './ocsf-schema.fixture.ts';
import { sampleEntries } from './samples.fixture.ts';

const samples = Object.entries(sampleEntries());

describe('golden files', () => {
  for (const dialect of DIALECTS) {
    it(`${dialect}.json is what the code makes (write-golden.ts)`, () => {
      assert.equal(readFileSync(goldenFile(dialect), 'utf8'), goldenText(dialect));
    });
  }

  it('show every kind there is', () => {
    const names = samples.map(([name]) => name);
    for (const kind of EVENT_KINDS) assert.ok(names.includes(kind), kind);
    const own = samples.filter(([name]) => name.includes('/')).map(([, { kind }]) => kind);
    for (const kind of Object.keys(SUPERVISED)) assert.ok(own.includes(kind), kind);
  });
});

describe('OCSF 1.8.0', () => {
  for (const [name, entry] of samples) {
    it(`${name} is valid`, () => {
      assert.deepEqual(ocsfMistakes(normalise(entry, 'ocsf') as JsonObject), []);
    });
  }

  it('calls its classes as the schema does', () => {
    const known = Object.values(SCHEMA.classes).map(({ uid, category_uid, caption }) => {
      return `${uid} ${category_uid} ${caption}`;
    });
    const ours = Object.values(OCSF_CLASSES).map((c) => `${c.uid} ${c.category} ${c.name}`);
    assert.deepEqual(ours.sort(), known.sort());
  });

  const finding = () => normalise(sampleEntries().alert!, 'ocsf') as JsonObject;
  const broken: [string, (event: JsonObject) => void, RegExp][] = [
    ['a missing member', (e) => delete e.finding_info, /^finding_info is missing$/],
    ['an unknown member', (e) => (e.attack = 1), /^attack is unknown$/],
    ['a profile not named', (e) => ((e.metadata as JsonObject).profiles = []), /needs profile/],
    ['a number as text', (e) => (e.time = '1'), /^time is no long_t$/],
    ['another value', (e) => (e.severity_id = 7), /^severity_id is 7/],
    ['another type', (e) => (e.type_uid = 1), /^type_uid 1$/],
    ['an empty object', (e) => (e.device = { type_id: 0 }), /^device\. has none of ip/],
  ];
  for (const [what, breaks, says] of broken) {
    it(`(the check reports ${what})`, () => {
      const event = structuredClone(finding());
      breaks(event);
      assert.match(ocsfMistakes(event)[0] ?? '', says);
    });
  }
});

describe('ECS', () => {
  it('is the version of the facts', () => {
    const document = normalise(sampleEntries().alert!, 'ecs') as { ecs: JsonObject };
    assert.equal(document.ecs.version, ECS.version);
  });

  for (const [name, entry] of samples) {
    it(`${name} has known fields only`, () => {
      assert.deepEqual(ecsMistakes(normalise(entry, 'ecs') as JsonObject), []);
    });
  }

  it('(the check reports a field that is none, and a value of another type)', () => {
    assert.deepEqual(ecsMistakes({ event: { kind: 'x', type: ['info'] }, host: { pid: 1 } }), [
      'event.kind is x',
      'host.pid is no field',
    ]);
  });
});

describe('CEF', () => {
  for (const [name, entry] of samples) {
    it(`${name} is read back`, () => {
      const { header, extension } = readCef(String(normalise(entry, 'cef')));
      assert.deepEqual(header.slice(0, 3), ['CEF:0', 'Vitrine', 'Vitrine']);
      assert.equal(extension.cn1, String(entry.index));
      assert.equal(extension.cs6, entry.leaf);
      assert.equal(extension.flexString2, entry.link);
    });
  }
});

describe('LEEF', () => {
  for (const [name, entry] of samples) {
    it(`${name} is read back`, () => {
      const { header, attributes } = readLeef(String(normalise(entry, 'leef')));
      assert.deepEqual(header.slice(0, 3), ['LEEF:2.0', 'Vitrine', 'Vitrine']);
      assert.equal(attributes.leafIndex, String(entry.index));
      assert.equal(attributes.leafHash, entry.leaf);
      assert.equal(attributes.link, entry.link);
    });
  }
});

it('every kind that sources tell of is in the table, except the one for all others', () => {
  const missing = [...EVENT_KINDS].filter((kind) => !Object.hasOwn(KINDS, kind));
  assert.deepEqual(missing, ['other']);
});
