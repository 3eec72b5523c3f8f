/** The registry is true: what an entry names is there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EVENT_KINDS } from '@vitrine/schema';
import { SOURCES, sourceNamed } from './registry.ts';

const ROOT = new URL('../../../', import.meta.url);

function path(name: string): string {
  return fileURLToPath(new URL(name, ROOT));
}

describe('the registry', () => {
  it('has each name once, and says which there are', () => {
    assert.equal(new Set(SOURCES.map(({ name }) => name)).size, SOURCES.length);
    assert.throws(() => sourceNamed('ebpf'), { code: 'CONFIG_INVALID', hint: /strace/ });
  });

  for (const { name, kinds, guide, fixtures, start } of SOURCES) {
    it(`names what is there: ${name}`, async () => {
      for (const kind of kinds) assert.ok(EVENT_KINDS.has(kind), kind);
      assert.ok(existsSync(path(`docs/guides/${guide}.md`)), guide);
      const { stream } = await start();
      assert.equal(stream?.name ?? name, name);
      // A source that is read as bytes can be tested on bytes, and must be.
      assert.equal(fixtures.length > 0, stream !== undefined);
      for (const fixture of fixtures) {
        const text = readFileSync(path(`packages/shim/fixtures/${fixture}`), 'latin1');
        assert.match(text.slice(0, text.indexOf('\n')), /^(recorded|documented)\b/, fixture);
      }
    });
  }
});
