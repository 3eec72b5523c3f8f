/** The log as C2SP tlog-tiles, read from a running collector. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buildTree, CompactRange, leafHash, parseCheckpointNote } from '@vitrine/chain';
import { CollectorRig } from '../../fixture/collector.ts';

const LOG = 'default.0.1';
const rig = new CollectorRig(1_800_000_000_000_000_000n);

before(() => rig.start());
after(() => rig.remove());

function entriesIn(bytes: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

describe('tiles', () => {
  it('hold the tree of the checkpoint, hashes and entries alike', async () => {
    await rig.push('s1', 300);
    await rig.push('s5', 1);
    await rig.sealed('s1', 299);
    const { size, root } = parseCheckpointNote(await rig.note());
    const tree = new CompactRange();
    const full = Math.floor(size / 256);
    for (let n = 0; n <= full; n++) {
      const suffix = n < full ? '' : `.p/${size % 256}`;
      const hashes = await rig.get(`/log/${LOG}/tile/0/00${n}${suffix}`);
      const entries = await rig.get(`/log/${LOG}/tile/entries/00${n}${suffix}`);
      const leaves = entriesIn(entries.bytes).map(leafHash);
      assert.deepEqual(Buffer.concat(leaves), hashes.bytes);
      for (const leaf of leaves) tree.append(leaf);
      const cache = n < full ? 'private, max-age=31536000, immutable' : 'no-cache';
      for (const { answer } of [hashes, entries]) {
        assert.equal(answer.headers.get('cache-control'), cache);
        assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
        assert.equal(answer.headers.get('content-encoding'), null);
      }
    }
    assert.equal(tree.size, size);
    assert.deepEqual(tree.root(), root);
    const { bytes } = await rig.get(`/log/${LOG}/tile/0/000`);
    const under = Array.from({ length: 256 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
    const above = await rig.get(`/log/${LOG}/tile/1/000.p/1`);
    assert.deepEqual(above.bytes, buildTree(under).root);
    assert.deepEqual((await rig.get(`/log/${LOG}/tile/0/000.p/9`)).bytes, bytes.subarray(0, 288));
  });

  it('that the tree does not have are refused, and so is who may not read', async () => {
    const { size } = parseCheckpointNote(await rig.note());
    const beyond = `00${Math.floor(size / 256)}.p/255`;
    for (const path of [
      '0/009',
      '1/000',
      '2/000.p/1',
      '63/000.p/1',
      `0/${beyond}`,
      '0/0',
      '00/000',
    ])
      assert.deepEqual(await rig.refused(`/log/${LOG}/tile/${path}`), [404, 'NOT_FOUND'], path);
    assert.deepEqual(await rig.refused(`/log/${LOG}/tile/entries/009`), [404, 'NOT_FOUND']);
    assert.deepEqual(await rig.refused(`/log/other.0.1/tile/0/000`), [404, 'NOT_FOUND']);
    assert.equal((await rig.get(`/log/${LOG}/tile/0/000`, 'x')).answer.status, 401);
    const made = await rig.post('/v1/tokens', { role: 'ingest' });
    const { token: ingest } = JSON.parse(made) as { token: string };
    for (const path of ['checkpoint', 'tile/0/000', 'tile/entries/000']) {
      assert.deepEqual(await rig.refused(`/log/${LOG}/${path}`, ingest), [403, 'FORBIDDEN'], path);
    }
  });
});
