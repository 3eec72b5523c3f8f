import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CollectorRig } from '../../fixture/collector.ts';
import { AT_NS } from '../../fixture/log.ts';

const rig = new CollectorRig(AT_NS);

before(async () => {
  await rig.start();
  await rig.push('s1', 3);
  await rig.sealed('s1', 2);
});
after(() => rig.remove());

async function lines(path: string): Promise<string[]> {
  const { answer, bytes } = await rig.get(path);
  assert.equal(answer.status, 200);
  return bytes.toString().split('\n').slice(0, -1);
}

describe('the routes of a backup', () => {
  it('give every leaf, and say in the log that it was taken', async () => {
    const subject = JSON.parse((await rig.get('/v1/backup')).bytes.toString());
    const size = Number(subject.note.split('\n')[1]);
    const records = await lines(`/v1/backup/records?first=0&end=${size}`);
    assert.equal(records.length, size);
    const { kind } = JSON.parse(records.at(-1)!);
    assert.equal(kind, 'seal');
    const taken = records.filter((line) => line.includes('"action":"log.backup"'));
    assert.equal(taken.length, 1);
    const notes = await lines(`/v1/backup/notes?first=0&end=${size}`);
    assert.equal(JSON.parse(notes.at(-1)!), subject.note);
    assert.deepEqual(await lines('/v1/backup/records?first=3&end=3'), []);
  });

  it('end at what is published', async () => {
    assert.equal((await rig.refused('/v1/backup/records?end=999999'))[0], 400);
    assert.equal((await rig.refused('/v1/backup/records?first=2&end=1'))[0], 400);
    assert.deepEqual(await rig.refused('/v1/backup/tokens'), [404, 'NOT_FOUND']);
  });

  it('are for an admin alone: content leaves with them', async () => {
    for (const role of ['auditor', 'analyst', 'reader', 'ingest', 'runtime']) {
      const { token } = JSON.parse(await rig.post('/v1/tokens', { role }));
      for (const path of ['/v1/backup', '/v1/backup/parts?end=1']) {
        assert.deepEqual(await rig.refused(path, token), [403, 'FORBIDDEN']);
      }
    }
  });

  it('believe only a checkpoint of this log', async () => {
    const note = await rig.note();
    const size = Number(note.split('\n')[1]);
    assert.deepEqual(JSON.parse(await rig.post('/v1/backup', { note })), { held: size });
    for (const bad of [undefined, 7, '', note.replace(`\n${size}\n`, `\n${size + 1}\n`)]) {
      assert.match(await rig.post('/v1/backup', { note: bad }), /BAD_REQUEST/);
    }
  });
});
