/** Files that try to put something of theirs into the report, or to make it huge. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Verdict, verifyBundle } from '@vitrine/chain';
import { REPORT_REFUSED_BYTES_MAX, REPORT_ROWS_MAX } from '@vitrine/schema';
import { contentOf } from './content.ts';
import { reportPage } from './page.ts';
import { dir, NOW, pageOf } from './report.fixture.ts';
import type { Subject } from './subject.ts';

const ATTACK =
  '</bdi></style><script>alert(1)</script><img src=x onerror="x"> \u202egpj\u200b\x1b[2J\'&';
/** All that a report is made of. */
const ELEMENTS = new Set(
  (
    'html head meta title style body header main footer section div span p h1 h2 h3 ul li dl dt ' +
    'dd table caption thead tbody tr th td strong bdi pre code'
  ).split(' '),
);
const ATTRIBUTES = [
  'lang',
  'charset',
  'http-equiv',
  'content',
  'name',
  'class',
  'scope',
  'role',
  'tabindex',
  'aria-label',
];
const ACTED_ON = /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Nothing in the page but elements and attributes of ours, and text that can be seen. */
function assertHarmless(page: string): void {
  for (const [tag, name] of page.matchAll(/<\/?([a-z][a-z0-9]*)[^>]*>/g)) {
    assert.ok(ELEMENTS.has(name!), tag);
    for (const [, attribute] of tag.matchAll(/ ([a-z-]+)="[^"]*"/g)) {
      assert.ok(ATTRIBUTES.includes(attribute!), tag);
    }
  }
  assert.equal(ACTED_ON.test(page.replaceAll('\n', '')), false);
  assert.equal(page.split('<style>').length, 2);
}

describe('text from outside', () => {
  it('stays text in every member of a verdict, and in names', () => {
    const bytes = readFileSync('session-open-losses.vitrine.json');
    const verdict = verifyBundle(bytes, readFileSync('trust.txt', 'utf8'), { now: BigInt(NOW) });
    const failure = { code: 1, step: 'form', at: 'a', expected: 'b', found: 'c' } as const;
    const bundle = { name: ATTACK, bytes };
    const subject: Subject = {
      bundle,
      trust: { name: ATTACK, bytes: readFileSync('trust.txt') },
      pin: bundle,
      verdict: poisoned({ ...verdict, warnings: ['w'], failure, failures: [failure, failure] }),
      content: { ...contentOf(bytes), root: ATTACK, kinds: new Map([[ATTACK, 1]]) },
      asked: [ATTACK],
      now: { ns: NOW, given: true },
      version: ATTACK,
      repeat: [ATTACK],
    };
    const page = reportPage(subject);
    assertHarmless(page);
    assert.match(page, /⟨U\+202E⟩/);
    assert.match(page, /&lt;script&gt;alert\(1\)/);
  });

  it('stays text when a bundle was edited to hold it', async () => {
    const bundle = readFileSync('session-closed.vitrine.json', 'utf8');
    const attack = JSON.stringify(JSON.stringify(ATTACK).slice(1, -1)).slice(1, -1);
    const edited = bundle.replace('personal data', attack).replace('process.exec', attack);
    assert.notEqual(edited, bundle);
    const path = join(dir, 'edited.vitrine.json');
    writeFileSync(path, edited);
    const page = await pageOf(path);
    assertHarmless(page);
    assert.match(page, /⟨U\+202E⟩/);
  });

  it('would be found out', () => {
    assert.throws(() => assertHarmless('<style></style><p><script>x</script>'));
    assert.throws(() => assertHarmless('<style></style><p>a\u202eb'));
  });
});

/** Every text of a verdict that a file decides, replaced. */
function poisoned(verdict: Verdict): Verdict {
  const kept = ['code', 'verdict', 'type', 'step', 'state', 'by', 'sealed_at', 'witnessed_at'];
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return kept.includes(key) ? value : ATTACK;
    if (Array.isArray(value)) return value.map((item) => walk(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, walk(of, name)]));
  };
  return walk(verdict, '') as Verdict;
}

describe('a table', () => {
  it('has as many rows as a report may have, and counts the others', () => {
    const bytes = readFileSync('session-open-losses.vitrine.json');
    const verdict = verifyBundle(bytes, readFileSync('trust.txt', 'utf8'), { now: BigInt(NOW) });
    const [loss] = verdict.losses;
    const file = { name: 'f', bytes };
    const page = (count: number): string =>
      reportPage({
        ...{ bundle: file, trust: file, pin: undefined, content: undefined, asked: [] },
        verdict: { ...verdict, losses: Array.from({ length: count }, () => loss!) },
        ...{ now: { ns: NOW, given: true }, version: '1', repeat: [] },
      });
    assert.equal(/The first 500 of/.test(page(REPORT_ROWS_MAX)), false);
    const more = page(REPORT_ROWS_MAX + 1);
    assert.match(more, /The first 500 of 501; vitrine verify --json lists more/);
    assert.equal(more.split('telemetry.drop').length - 1, REPORT_ROWS_MAX);
  });
});

describe('a refused file', () => {
  it('is read for its contents up to a size', async () => {
    const refused = readFileSync('t-record.vitrine.json');
    for (const bytes of [REPORT_REFUSED_BYTES_MAX, REPORT_REFUSED_BYTES_MAX + 1]) {
      const path = join(dir, 'large.vitrine.json');
      // Blanks after the last member change nothing but the size.
      const blanks = Buffer.alloc(bytes - refused.length, ' ');
      writeFileSync(path, Buffer.concat([refused, blanks]));
      const page = await pageOf(path);
      assert.match(page, /TAMPERED|tampered/);
      assert.equal(page.includes('process.exec'), bytes === REPORT_REFUSED_BYTES_MAX);
      assert.equal(page.includes('Not read: '), bytes > REPORT_REFUSED_BYTES_MAX);
    }
  });
});
