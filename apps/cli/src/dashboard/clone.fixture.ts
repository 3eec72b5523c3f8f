/**
 * A clone in a directory of its own for tests of the dashboard's process, with a stand-in for Next
 * that builds and starts in no time, notes each build and can be told to fail.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Place } from './place.ts';

/** Answers with its environment; `fail` in the sources stops it, `slow` makes it late. */
const NEXT = `
const fs = require('node:fs');
const http = require('node:http');
const source = fs.readFileSync('app/page.tsx', 'utf8');
const [verb, , port, , host] = process.argv.slice(2);
if (source.includes('fail ' + verb)) {
  console.error('it does not ' + verb);
  process.exit(3);
}
if (verb === 'build') {
  const dist = process.env.VITRINE_DIST;
  fs.rmSync(dist, { recursive: true, force: true });
  fs.mkdirSync(dist);
  fs.appendFileSync('../../builds', process.pid + '\\n');
  setTimeout(() => fs.writeFileSync(dist + '/BUILD_ID', 'x'), source.includes('slow') ? 1e4 : 300);
} else {
  const { VITRINE_API, VITRINE_HOSTS } = process.env;
  http
    .createServer((_, response) => response.end(JSON.stringify({ VITRINE_API, VITRINE_HOSTS })))
    .listen(Number(port), host, () => console.log('Ready in 1ms'));
}
`;

export class TestClone implements Place {
  readonly root = mkdtempSync(join(tmpdir(), 'vitrine-clone-'));
  readonly app = join(this.root, 'apps', 'dashboard');

  constructor(t: TestContext) {
    t.after(() => rmSync(this.root, { recursive: true, force: true }));
    this.write('package-lock.json', '{}');
    this.write('tsconfig.base.json', '{}');
    this.write('packages/schema/src/a.ts', 'a');
    this.write('packages/chain/src/a.ts', 'a');
    this.write('apps/dashboard/package.json', '{}');
    this.write('apps/dashboard/app/page.tsx', 'page');
    this.write('apps/dashboard/node_modules/next/package.json', '{}');
    this.write('apps/dashboard/node_modules/next/dist/bin/next.js', NEXT);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** How often it was built. */
  get builds(): number {
    try {
      return readFileSync(join(this.root, 'builds'), 'utf8').trimEnd().split('\n').length;
    } catch {
      return 0;
    }
  }
}
