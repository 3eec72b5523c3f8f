/** Runs rows: the attack gets its answer, and the same without it gets none such. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { SystemRow } from '../row.ts';

const PROVEN = 0;
const HTTP_OK = 200;

export function runRows(rows: SystemRow[]): void {
  for (const row of rows) {
    it(`${row.id}: ${row.text}`, async (t) => {
      const { sound, attacked } = await row.run(t);
      assert.ok([PROVEN, HTTP_OK].includes(sound.code), `without the attack: ${sound.text}`);
      assert.equal(attacked.code, row.code, attacked.text);
      assert.match(attacked.text, row.says);
      // Where the system bears an attack there is no complaint to be absent.
      if (row.code !== PROVEN) assert.doesNotMatch(sound.text, row.says);
    });
  }
}
