/** Whatever a record holds, its LEEF line reads back: nothing in a value ends its field. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LEEF_LINE_BYTES_MAX } from '../limits.ts';
import { alertEntry, normalise, textLine } from './index.ts';
import { LEEF_KEYS } from './leef.ts';
import { readLeef } from './leef-reader.fixture.ts';
import { entryOf, sampleEntries } from './samples.fixture.ts';

const { record } = sampleEntries().alert!;
const leef = (fields: object): string => {
  return normalise(entryOf({ ...record, ...fields }), 'leef') as string;
};
const read = (fields: object) => readLeef(leef(fields));

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('^', '~', '`', '|', '=', '\t', '\n', '\r', 'a', ' ', '\ud800'),
  }),
  fc.constantFrom('x^sev=1', 'x|x09|sev=1', 'LEEF:2.0|a|b|c|d|^|sev=1', '\u2028sev=10', 'a\u0000b'),
);
/** What a reader sees of a text whose delimiter is not in it. */
const seen = (text: string): string => {
  return text
    .toWellFormed()
    .replace(/[\r\n\u0085\u2028\u2029]+/g, ' ')
    .replaceAll('\t', ' ')
    .replace(/[\x00-\x1f\x7f-\x9f]/g, '\ufffd')
    .trim();
};

describe('LEEF', () => {
  it('reads back, whatever stands in its values', () => {
    const fields = fc.record({ what: hostile, title: hostile, rule: hostile, subject: hostile });
    fc.assert(
      fc.property(fields, (made) => {
        const { header, attributes, delimiter } = read(made);
        assert.equal(header.length, 5);
        assert.equal(attributes.sev, '10');
        assert.equal(attributes.leafHash, entryOf(record).leaf);
        const back = (text: string): string => seen(text).replaceAll(delimiter, '\ufffd');
        assert.equal(attributes.msg ?? '', back(made.what));
        assert.equal(attributes.sessionId ?? '', back(made.subject));
        assert.equal(header[4], seen(made.rule).replaceAll('|', '/') || 'alert');
        const known = new Set([...Object.values(LEEF_KEYS), 'sev', 'title', 'vitrineCut']);
        for (const key of Object.keys(attributes)) assert.ok(known.has(key), key);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a delimiter that no value has, so that every character comes back', () => {
    assert.equal(read({}).delimiter, '^');
    assert.deepEqual(
      [read({ what: 'a^b' }).delimiter, read({ what: 'a^b' }).attributes.msg],
      ['~', 'a^b'],
    );
    assert.equal(read({ what: 'a^b~c' }).delimiter, '`');
  });

  it('replaces it where every one is taken, instead of ending the field', () => {
    const { delimiter, attributes } = read({ what: '^sev=1~sev=1`sev=1' });
    assert.equal(delimiter, '^');
    assert.equal(attributes.msg, '\ufffdsev=1~sev=1`sev=1');
    assert.equal(attributes.sev, '10');
  });

  it('of the largest size is whole, of one byte more is cut and says so', () => {
    const room = LEEF_LINE_BYTES_MAX - Buffer.byteLength(leef({ what: '.' })) + 1;
    const whole = leef({ what: 'w'.repeat(room) });
    assert.equal(Buffer.byteLength(whole), LEEF_LINE_BYTES_MAX);
    assert.equal(readLeef(whole).attributes.vitrineCut, undefined);
    const { attributes } = read({ what: 'w'.repeat(room + 1) });
    assert.equal(attributes.vitrineCut, 'msg');
    assert.match(attributes.msg!, /^w+…$/);
  });

  it('has a name of its own for each key, none of them QRadar\u2019s for something else', () => {
    const names = Object.values(LEEF_KEYS);
    assert.equal(new Set([...names, 'sev', 'title', 'vitrineCut']).size, names.length + 3);
    for (const name of names) assert.match(name, /^[A-Za-z][A-Za-z0-9]*$/);
  });

  it('of a delivered alert is that of the same record in the log', () => {
    const stored = sampleEntries().alert!;
    const { log, index, leaf, t, link } = stored;
    const delivered = alertEntry({ log, index, leaf, t, link, record: stored.record });
    assert.equal(textLine(delivered, 'leef'), textLine(stored, 'leef'));
  });
});
