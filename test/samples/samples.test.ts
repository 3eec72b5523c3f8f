/** docs/samples is what the code makes today, and a reader can check the alert in it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { canonicalBytes, leafHash, verifyInclusion } from '@vitrine/chain';
import { ALERT_BYTES_MAX, type JsonObject } from '@vitrine/schema';
import { connectorTypes } from '../../connectors/registry.ts';
import { SENT, samples } from './samples.ts';

const ROOT = fileURLToPath(new URL('../../docs/samples/', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const made = samples();

describe('docs/samples', () => {
  for (const [path, text] of made) {
    it(`${path} is what the code makes (test/samples/write.ts)`, () => {
      assert.equal(read(path), text);
    });
  }

  it('has no file that nobody makes', () => {
    const found = ['event', 'alert'].flatMap((folder) => {
      return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
    });
    assert.deepEqual(found.toSorted(), [...made.keys()].toSorted());
  });

  it('shows what every connector sends', () => {
    const types = new Set(SENT.map(({ settings }) => settings.type));
    assert.deepEqual([...types].toSorted(), Object.keys(connectorTypes).toSorted());
  });

  it('names every file on its page, and none that is not there', () => {
    const named = [...read('README.md').matchAll(/`((?:event|alert)\/[^`]+)`/g)].map(([, p]) => p!);
    assert.deepEqual(named.toSorted(), [...made.keys()].toSorted());
  });

  it('has an alert that fits, with the id, leaf and link in every form', () => {
    const { id } = JSON.parse(read('alert/record.json')) as { id: string };
    const { data } = JSON.parse(read('alert/sent/webhook.json')) as { data: JsonObject };
    for (const [path, text] of made) {
      if (!path.startsWith('alert/') || path === 'alert/record.json') continue;
      const compact = path.endsWith('.json') ? JSON.stringify(JSON.parse(text)) : text;
      assert.ok(Buffer.byteLength(compact) <= ALERT_BYTES_MAX, path);
      // JSON in JSON and lines of CEF escape what a leaf and a link are made of.
      const plain = compact.replaceAll(/[\\=]/g, '');
      for (const word of [id, String(data.leaf), String(data.link)]) {
        assert.ok(plain.includes(word.replaceAll('=', '')), `${path} has ${word}`);
      }
    }
  });

  it('has a proof that holds', () => {
    const record = JSON.parse(read('alert/record.json')) as JsonObject;
    const { data } = JSON.parse(read('alert/sent/webhook.json')) as { data: JsonObject };
    const leaf = leafHash(canonicalBytes(record));
    assert.equal(leaf.toString('base64'), data.leaf);
    const [head, checkpoint] = String(data.proof).split('\n\n');
    const path = head!.split('\n').slice(2);
    const [, size, root] = checkpoint!.split('\n');
    const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
    const proved = verifyInclusion(leaf, 1, Number(size), path.map(bytes), bytes(root!));
    assert.ok(proved);
  });
});
