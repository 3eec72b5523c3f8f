/** `version`: of this program, its Node and its formats. */
import { readFileSync } from 'node:fs';
import { isObject } from '@vitrine/schema';
import { printJson } from '../print/io.ts';
import { printPairs } from '../print/table.ts';
import { type Register, withExample, withJson } from './context.ts';

export const addVersion: Register = (program, { io }) => {
  const command = program
    .command('version')
    .description('print versions')
    .action((options: { json?: true }) => {
      const versions = {
        vitrine: packageVersion(),
        node: process.versions.node,
        bundle: 'vitrine-bundle/1',
        pull: 'OPP/1',
      };
      if (options.json) return printJson(io, versions);
      printPairs(io, Object.entries(versions));
    });
  withExample(withJson(command), 'version --json');
};

export function packageVersion(): string {
  const manifest = new URL('../../package.json', import.meta.url);
  const read: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return isObject(read) && typeof read.version === 'string' ? read.version : 'unknown';
}
