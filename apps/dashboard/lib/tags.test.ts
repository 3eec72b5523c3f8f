import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tagTexts } from './tags.ts';

const texts = (...tags: string[]): string[] =>
  tagTexts(tags).map(({ catalogue, name }) => `${catalogue} ${name}`);

describe('tags', () => {
  it('are spelt as their catalogues do', () => {
    assert.deepEqual(texts('attack.exfiltration', 'attack.t1550.001', 'atlas.aml.t0091.000'), [
      'ATT&CK exfiltration',
      'ATT&CK T1550.001',
      'ATLAS AML.T0091.000',
    ]);
    assert.deepEqual(texts('attack.defense-evasion', 'ase.risk.external_attacker'), [
      'ATT&CK defense evasion',
      'Risk external attacker',
    ]);
  });

  it('name an older id only where it is another one', () => {
    assert.deepEqual(texts('attack.t1567', 'attack-v18.t1567', 'attack-v18.t1562.001'), [
      'ATT&CK T1567',
      'ATT&CK v18 T1562.001',
    ]);
  });

  it('of another form are shown as they are', () => {
    assert.deepEqual(texts('cve.2026-1', 'plain', 'constructor.x'), [
      'cve 2026-1',
      'Tag plain',
      'constructor x',
    ]);
  });
});
