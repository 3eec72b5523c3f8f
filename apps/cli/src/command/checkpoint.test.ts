/** Pins, out of the golden checkpoints: what the verifier would not take is never kept. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PIN_BYTES_MAX } from '@vitrine/schema';
import { pinnedNote } from '../system/pin.ts';
import { runCommand, StandIn } from './stand-in.ts';

const GOLDEN = fileURLToPath(new URL('../../../../test/vectors/golden/', import.meta.url));
const golden = (name: string): string => join(GOLDEN, name);
const notes = JSON.parse(readFileSync(golden('checkpoints.json'), 'utf8')) as { note: string }[];
const kept = JSON.parse(readFileSync(golden('pin.json'), 'utf8')) as { size: number; note: string };

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-pin-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function serving(t: TestContext, note: string): Promise<StandIn> {
  const answer = (_: unknown, response: ServerResponse) => response.end(note);
  return StandIn.start(t, { 'GET /log/default.0.1/checkpoint': answer });
}

describe('checkpoint', () => {
  it('prints the newest one, and pins it where the trust file has its key', async (t) => {
    const system = await serving(t, kept.note);
    const file = join(scratch(t), 'pin');
    const pin = ['--trust', golden('trust.txt'), '--pin', file];
    const { code, lines } = await system.run(['checkpoint', ...pin]);
    assert.equal(code, 0);
    assert.equal(`${lines.join('\n')}\n`, kept.note);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), kept, 'the golden pin');
    assert.equal(pinnedNote(file), kept.note);
    const bundle = [golden('pinned.vitrine.json'), '--trust', golden('trust.txt')];
    const verified = await runCommand(['verify', ...bundle, '--pin', file]);
    assert.equal(verified.code, 0, verified.lines.join('\n'));
  });

  it('never writes over a pin', async (t) => {
    const system = await serving(t, notes.at(-1)!.note);
    const file = join(scratch(t), 'pin');
    writeFileSync(file, 'mine');
    const args = ['checkpoint', '--trust', golden('trust.txt'), '--pin', file];
    const { code, errors } = await system.run(args);
    assert.equal(code, 1);
    assert.match(errors[0]!, /^error FILE_UNWRITABLE: .* is there already/);
    assert.equal(readFileSync(file, 'utf8'), 'mine');
  });

  it('pins nothing that no key of the trust file has signed', async (t) => {
    const forged = kept.note.replace('\n13\n', '\n14\n');
    const file = join(scratch(t), 'pin');
    for (const note of [forged, 'no note', '']) {
      const system = await serving(t, note);
      const trusted = ['--trust', golden('trust.txt'), '--pin', file];
      const { code, errors } = await system.run(['checkpoint', ...trusted]);
      assert.equal(code, 1);
      assert.match(errors[0]!, /^error CHECKPOINT_UNTRUSTED: /);
    }
    const system = await serving(t, kept.note);
    const { errors } = await system.run(['checkpoint', '--pin', file]);
    assert.match(errors[0]!, /^error CHECKPOINT_UNTRUSTED: there is no --trust/);
    assert.equal(existsSync(file), false);
  });

  it('takes that of a bundle, without a system', async (t) => {
    const file = join(scratch(t), 'pin');
    const bundle = golden('event.vitrine.json');
    const from = ['checkpoint', '--bundle', bundle, '--trust', golden('trust.txt')];
    const { code, lines } = await runCommand([...from, '--pin', file, '--json']);
    assert.equal(code, 0);
    const { checkpoint } = JSON.parse(readFileSync(bundle, 'utf8')) as { checkpoint: string };
    assert.equal((JSON.parse(lines.join('')) as { note: string }).note, checkpoint);
    assert.equal(pinnedNote(file), checkpoint);
    const none = await runCommand(['checkpoint', '--bundle', golden('trust.txt')]);
    assert.match(none.errors[0]!, /^error FILE_UNREADABLE: .* is no bundle/);
  });
});

describe('a pin that is read', () => {
  it('has a note, and the size of one', (t) => {
    const file = join(scratch(t), 'pin');
    const written = (text: string) => {
      writeFileSync(file, text);
      return () => pinnedNote(file);
    };
    const padded = (length: number) => JSON.stringify({ note: 'n' }).padEnd(length, ' ');
    assert.equal(written(padded(PIN_BYTES_MAX))(), 'n');
    assert.throws(written(padded(PIN_BYTES_MAX + 1)), { code: 'FILE_UNREADABLE' });
    for (const text of ['', '[]', '{"note":1}', 'null']) {
      assert.throws(written(text), { code: 'FILE_UNREADABLE' });
    }
  });
});
