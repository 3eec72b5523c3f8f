/**
 * The rules of CONTRIBUTING.md that a machine can check, over the project's own files. Each rule is
 * first shown bad examples, which it must report, and a good one, which it must not.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acyclic, arrows, manifests } from './structure/arrows.ts';
import { oneContract } from './structure/contract.ts';
import { layers, noHtml, noServerVerifier, routeLength } from './structure/dashboard.ts';
import {
  determinism,
  environment,
  sql,
  staleExceptions,
  verifier,
  walled,
} from './structure/fences.ts';
import { links, named, scripts } from './structure/pages.ts';
import { authorised, countRoutes } from './structure/routes.ts';
import {
  fileLength,
  functionLength,
  limits,
  lineLength,
  names,
  openings,
} from './structure/shape.ts';
import { type Finding, type Rule, Tree } from './structure/tree.ts';
import { citations, lockfile, machineWords, unfinished } from './structure/words.ts';

const RULES: Rule[] = [
  arrows,
  acyclic,
  manifests,
  sql,
  environment,
  determinism,
  walled,
  verifier,
  fileLength,
  lineLength,
  functionLength,
  names,
  openings,
  limits,
  authorised,
  oneContract,
  layers,
  routeLength,
  noHtml,
  noServerVerifier,
  lockfile,
  machineWords,
  unfinished,
  citations,
  links,
  named,
  scripts,
];

const project = Tree.ofProject();

for (const rule of RULES) {
  describe(rule.name, () => {
    for (const [i, example] of rule.sabotage.entries()) {
      it(`reports bad example ${i + 1}`, () => {
        const findings = rule.check(Tree.of(example));
        assert.equal(findings.length, 1, printed(findings));
        assert.equal(findings[0]?.path, Object.keys(example).at(-1));
      });
    }

    it('accepts the good example', () => {
      assert.equal(printed(rule.check(Tree.of(rule.sound))), '');
    });

    it('holds in the project', () => {
      assert.equal(printed(rule.check(project)), '');
    });
  });
}

describe('the rules see what they are about', () => {
  it('reads the files of every workspace', () => {
    for (const folder of ['packages/chain', 'packages/store', 'apps/collector', 'connectors']) {
      const seen = project.code.filter((file) => file.path.startsWith(`${folder}/`));
      assert.ok(seen.length > 5, `${folder}: ${seen.length} files`);
    }
  });

  it('finds every route object of the API', () => {
    const declared = project.files
      .filter((file) => file.path.startsWith('apps/collector/src/api/routes/') && !file.isTest)
      .reduce((sum, file) => sum + [...file.text.matchAll(/^\s*method: '/gm)].length, 0);
    assert.ok(declared > 10, `${declared} routes`);
    assert.equal(countRoutes(project.files), declared);
  });

  it('lists no exception for a file that is gone', () => {
    assert.deepEqual(staleExceptions(project), []);
  });
});

function printed(findings: Finding[]): string {
  return findings.map(({ path, line, says }) => `${path}:${line} ${says}`).join('\n');
}
