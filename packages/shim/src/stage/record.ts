/**
 * Records `fixtures/strace.txt`: the workload beside it under strace and bubblewrap as `run` starts
 * them. Run it by hand when the command lines change; paths of the machine are replaced.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bwrapArguments, INSIDE } from '../sandbox/bwrap.ts';
import { checkGrants } from '../sandbox/grant.ts';
import { straceArguments } from '../sandbox/strace.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url)).replace(/\/$/, '');
const FORWARDER = fileURLToPath(new URL('../forward/forward.mjs', import.meta.url));

const dir = mkdtempSync(join(tmpdir(), 'record-'));
const [ws, ro, output] = ['ws', 'ro', 'out'].map((name) => join(dir, name)) as [
  string,
  string,
  string,
];
mkdirSync(ws);
mkdirSync(ro);
writeFileSync(join(ro, 'keep'), 'keep\n');
cpSync(join(FIXTURES, 'workload.sh'), join(ro, 'workload.sh'));
const checked = checkGrants({ workspace: ws, ro: [ro], rw: [], hidden: [] });
const inside = bwrapArguments({
  checked,
  home: '/home/agent',
  ours: { node: process.execPath, forwarder: FORWARDER },
  sockets: [],
  secret: [],
  infoFd: 3,
  command: [INSIDE.node, INSIDE.forwarder],
});
const argv = straceArguments({ output, fast: false, command: ['bwrap', ...inside] });
const settings = {
  command: ['bash', join(ro, 'workload.sh')],
  env: { PATH: '/usr/bin:/bin', HOME: '/home/agent', LANG: 'C', RO: ro },
  otlp: { port: 4318, socket: INSIDE.intake },
  proxy: null,
  connectionsMax: 8,
};
spawnSync('strace', argv, {
  env: { PATH: '/usr/bin:/bin', VITRINE_FORWARD: JSON.stringify(settings) },
  stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
});
const version = execFileSync('strace', ['-V']).toString().split('\n')[0];
const shown = (text: string): string =>
  text
    .replaceAll(REPOSITORY, '/srv/vitrine')
    .replaceAll(dir, '/tmp/rec')
    .replaceAll(`${homedir()}/`, '/home/agent/');
const text = readFileSync(output, 'latin1');
const command = `strace ${argv.join(' ')}`;
writeFileSync(
  join(FIXTURES, 'strace.txt'),
  shown(`recorded ${version}: ${command}\n${text}`),
  'latin1',
);
