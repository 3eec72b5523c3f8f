/** Who is trusted stays the reader's choice: pinned once, changed by hand only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStorage, proofLog } from './fixture.ts';
import { keyChange, logKeysOf, pinFile, pinOnFirstUse, readPin, unpin } from './trust-pin.ts';

const { trust, keyId } = proofLog();
const { trust: otherTrust, keyId: otherId } = proofLog(8);
const NOW = '2026-11-28T10:00:00.000Z';

test('the first pin stays, whatever is offered later', () => {
  const storage = new MemoryStorage();
  assert.deepEqual(readPin(storage), { state: 'none' });
  const pinned = pinOnFirstUse(storage, trust, NOW);
  assert.deepEqual(pinned, {
    state: 'pinned',
    pin: { text: trust, source: 'first use', name: '', at: NOW },
  });
  assert.deepEqual(pinOnFirstUse(storage, otherTrust, '2027-01-01T00:00:00.000Z'), pinned);
  assert.deepEqual(readPin(storage), pinned);
});

test('a file of the reader replaces it, and forgetting it begins anew', () => {
  const storage = new MemoryStorage();
  pinOnFirstUse(storage, trust, NOW);
  const file = pinFile(storage, { text: otherTrust, name: 'mine.txt' }, NOW);
  assert.deepEqual(readPin(storage), file);
  assert.deepEqual(pinOnFirstUse(storage, trust, NOW), file);
  unpin(storage);
  assert.equal(readPin(storage).state, 'none');
});

test('a text that is no trust file, or names no log, is refused and changes nothing', () => {
  for (const text of ['', 'quorum none\n', 'log x\nquorum none\n', '{}', trust.slice(0, -14)]) {
    const storage = new MemoryStorage();
    pinOnFirstUse(storage, trust, NOW);
    const before = readPin(storage);
    assert.throws(() => pinFile(storage, { text, name: 'x' }, NOW), { code: 'TRUST_INVALID' });
    assert.deepEqual(readPin(storage), before);
  }
});

test('what is stored and was not stored by this page is unreadable, not absent', () => {
  const good = { text: trust, source: 'first use', name: '', at: NOW };
  const bad = [
    '',
    'x',
    'null',
    '[]',
    ...[{ text: 'quorum none\n' }, { source: 'server' }, { name: 1 }, { at: 'yesterday' }].map(
      (edit) => JSON.stringify({ ...good, ...edit }),
    ),
  ];
  for (const text of bad) {
    const storage = new MemoryStorage();
    storage.setItem('vitrine.trust/1', text);
    assert.equal(readPin(storage).state, 'unreadable', text);
    assert.equal(pinOnFirstUse(storage, trust, NOW).state, 'unreadable', text);
    assert.equal(storage.getItem('vitrine.trust/1'), text);
  }
});

test('a key that changed is named with the pinned one and its day', () => {
  const pin = { text: trust, source: 'first use', name: '', at: NOW } as const;
  assert.equal(keyChange(pin, trust), undefined);
  const both = trust.replace(/^log /m, `${/^log .*$/m.exec(otherTrust)![0]}\nlog `);
  assert.equal(logKeysOf(both).length, 2);
  assert.equal(keyChange(pin, both), undefined, 'a further key takes nothing away');
  const said = keyChange(pin, otherTrust)!;
  for (const word of [keyId, otherId, '2026-11-28']) assert.ok(said.includes(word), said);
  assert.match(keyChange(pin, '<html>')!, /no key that can be read/);
  assert.match(keyChange(pin, 'quorum none\n')!, /another key now: none/);
  assert.equal(keyChange({ ...pin, source: 'file', name: 'x' }, otherTrust), undefined);
});
