/** The command against every golden bundle: its exit code is the verdict's. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { main } from '../main.ts';
import { memoryIo } from '../print/memory-io.ts';

const GOLDEN = fileURLToPath(new URL('../../../../test/vectors/golden/', import.meta.url));
const NOW = '1764090000000000000';

interface Expected {
  code: number;
  options: {
    require_closed?: boolean;
    require_lossless?: boolean;
    require_parts?: boolean;
    expect?: { session: string };
  };
}

const expected = JSON.parse(readFileSync(join(GOLDEN, 'expected.json'), 'utf8')) as Record<
  string,
  Expected
>;
const golden = (name: string): string => join(GOLDEN, name);
const nowhere = join(tmpdir(), 'vitrine-no-data-here');

function optionsOf({ options }: Expected): string[] {
  return [
    ...(options.require_closed ? ['--require-closed'] : []),
    ...(options.require_lossless ? ['--require-lossless'] : []),
    ...(options.require_parts ? ['--require-parts'] : []),
    ...(options.expect === undefined ? [] : ['--expect-session', options.expect.session]),
  ];
}

async function verify(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = memoryIo();
  const code = await main(['verify', '--data', nowhere, ...args], io);
  return { code, out: io.lines.join('\n'), err: io.errors.join('\n') };
}

describe('verify', () => {
  for (const [name, one] of Object.entries(expected)) {
    it(`ends with ${one.code} for ${name}`, async () => {
      const bundle = golden(`${name}.vitrine.json`);
      const args = ['--trust', golden('trust.txt'), '--now', NOW, ...optionsOf(one)];
      const person = await verify(bundle, ...args);
      assert.equal(person.code, one.code, person.out + person.err);
      const program = await verify(bundle, ...args, '--json');
      assert.equal(program.code, one.code);
      assert.equal((JSON.parse(program.out) as { code: number }).code, one.code);
    });
  }

  it('says what is proven, what is not and what was lost', async () => {
    const bundle = golden('session-open-losses.vitrine.json');
    const { out } = await verify(bundle, '--trust', golden('trust.txt'), '--now', NOW);
    assert.match(out, /^PROVEN \(0\)/);
    assert.match(out, /\n {2}proven\n {2}- /);
    assert.match(out, /\n {2}not proven\n {2}- /);
    assert.match(out, /\n {2}lost\n {2}- /);
  });

  it('says where a tampered bundle fails', async () => {
    const bundle = golden('t-record.vitrine.json');
    const { out } = await verify(bundle, '--trust', golden('trust.txt'), '--now', NOW);
    assert.match(out, /^TAMPERED \(1\)\n {2}failed at step \w+, \S+/);
    assert.match(out, /\n {4}expected .+\n {4}found /);
  });

  it('takes a pin', async () => {
    const pinned = ['--trust', golden('trust.txt'), '--now', NOW, '--pin', golden('pin.json')];
    assert.equal((await verify(golden('pinned.vitrine.json'), ...pinned)).code, 0);
    assert.equal((await verify(golden('session-closed.vitrine.json'), ...pinned)).code, 3);
  });

  it('takes a maximum age', async () => {
    const args = [golden('event.vitrine.json'), '--trust', golden('trust.txt'), '--now', NOW];
    assert.equal((await verify(...args, '--max-age', '0')).code, 4);
    assert.equal((await verify(...args, '--max-age', '10000000000')).code, 0);
  });
});

describe('without --trust', () => {
  it('uses the trust file of the data directory and says so', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-verify-'));
    try {
      copyFileSync(golden('trust.txt'), join(dir, 'trust.txt'));
      const io = memoryIo();
      const args = ['verify', golden('event.vitrine.json'), '--data', dir, '--now', NOW];
      assert.equal(await main(args, io), 0);
      assert.match(io.errors.join('\n'), /no --trust given: using the log key of .*trust\.txt/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('ends with 4 where there is none either', async () => {
    const { code, err } = await verify(golden('event.vitrine.json'), '--now', NOW);
    assert.equal(code, 4);
    assert.match(err, /nothing is trusted/);
  });
});

describe('what stops it before a verdict ends with 2', () => {
  const trust = ['--trust', golden('trust.txt')];
  const cases: [string, string[]][] = [
    ['a file that is not there', ['nowhere.vitrine.json', ...trust]],
    ['a trust file that is not there', [golden('event.vitrine.json'), '--trust', 'nowhere']],
    ['a directory', [GOLDEN, ...trust]],
    ['no bundle', trust],
    ['an option that does not exist', [golden('event.vitrine.json'), '--nope']],
    ['a time that is none', [golden('event.vitrine.json'), ...trust, '--now', 'noon']],
    ['an age that is none', [golden('event.vitrine.json'), ...trust, '--max-age', '-1']],
  ];
  for (const [what, args] of cases) {
    it(what, async () => {
      const { code, err } = await verify(...args);
      assert.equal(code, 2, err);
      assert.match(err, /^error [A-Z_]+: /);
    });
  }

  it('a trust file that is none', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-verify-'));
    try {
      writeFileSync(join(dir, 'trust'), 'log not-a-key\n');
      const args = [golden('event.vitrine.json'), '--trust', join(dir, 'trust'), '--now', NOW];
      assert.equal((await verify(...args)).code, 2);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
