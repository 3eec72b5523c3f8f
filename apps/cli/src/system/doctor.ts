/** The checks of `doctor`, each with the line that fixes it. */
import { isModern } from '../../bin/packaged-node.mjs';
import { Client } from '../client/client.ts';
import { currentDist } from '../dashboard/builds.ts';
import { linkBase, readDashboardFile } from '../dashboard/whereabouts.ts';
import { CliError, sentenceOf } from '../error.ts';
import { byteCount } from '../print/text.ts';
import { type RunFile, readRunFile, runningSystem } from './data-dir.ts';
import { detectionFindings } from './detection.ts';
import { findProgram, firstLine, freeBytes, isPortFree, packageVersionOf } from './machine.ts';
import { sightFindings } from './sight.ts';

export interface Finding {
  check: string;
  /** `warn`: it works, with less; `fail`: it cannot work. */
  state: 'ok' | 'warn' | 'fail';
  found: string;
  fix?: string;
}

export const APT_LINE = 'apt-get install -y --no-install-recommends strace bubblewrap';
const ENGINE = `@chdb/lib-${process.platform}-${process.arch}-gnu`;
const PORTS: [port: number, use: string][] = [
  [4317, 'OTLP over gRPC'],
  [4318, 'OTLP over HTTP'],
  [4319, 'API'],
  [3000, 'the dashboard'],
];
const DASHBOARD_MS_MAX = 5_000;
const DISK_BYTES_MIN = 1_000_000_000;

export async function examine(dataDir: string): Promise<Finding[]> {
  const running = readRunFile(dataDir);
  return [
    nodeFinding(),
    engineFinding(),
    await programFinding('strace', ['--version'], 'runs see no file and no process'),
    await programFinding('bwrap', ['--version'], 'vitrine run has no sandbox to offer'),
    await namespaceFinding(),
    ...(running === undefined ? await portFindings() : []),
    diskFinding(dataDir),
    await systemFinding(dataDir, running),
    await dashboardFinding(dataDir, running),
    ...(running === undefined ? [] : await runningFindings(new Client(runningSystem(dataDir)))),
  ];
}

async function runningFindings(client: Client): Promise<Finding[]> {
  return [...(await detectionFindings(client)), ...(await sightFindings(client))];
}

function nodeFinding(): Finding {
  const { version } = process;
  if (isModern(version)) return { check: 'node', state: 'ok', found: version };
  return { check: 'node', state: 'fail', found: version, fix: 'npm ci brings Node 24 on Linux' };
}

function engineFinding(): Finding {
  const version = packageVersionOf(ENGINE);
  if (version !== undefined) {
    return { check: 'store engine', state: 'ok', found: `${ENGINE} ${version}` };
  }
  const program = findProgram('clickhouse');
  if (program !== undefined) return { check: 'store engine', state: 'ok', found: program };
  return {
    check: 'store engine',
    state: 'fail',
    found: `neither ${ENGINE} nor a clickhouse program`,
    fix: 'npm ci without --omit=optional, or put a clickhouse program on PATH',
  };
}

async function programFinding(name: string, args: string[], loss: string): Promise<Finding> {
  const path = findProgram(name);
  if (path === undefined) {
    const found = `not installed: without it ${loss}`;
    return { check: name, state: 'warn', found, fix: APT_LINE };
  }
  const { line } = await firstLine(path, args);
  return { check: name, state: 'ok', found: `${path}: ${line}` };
}

/** Asked of bwrap itself: what matters is whether a sandbox can be made. */
export async function namespaceFinding(): Promise<Finding> {
  const check = 'user namespaces';
  const path = findProgram('bwrap');
  if (path === undefined) {
    return { check, state: 'warn', found: 'not tried: it takes bwrap', fix: APT_LINE };
  }
  const args = ['--unshare-all', '--cap-drop', 'ALL', '--ro-bind', '/', '/', '--', 'true'];
  const probe = await firstLine(path, args);
  if (probe.ok) return { check, state: 'ok', found: 'a sandbox can be made' };
  const fix =
    'sysctl -w kernel.unprivileged_userns_clone=1 (Debian), or allow them for the container';
  return { check, state: 'warn', found: probe.line, fix };
}

async function portFindings(): Promise<Finding[]> {
  return Promise.all(
    PORTS.map(async ([port, use]): Promise<Finding> => {
      const check = `port ${port}`;
      if (await isPortFree(port)) return { check, state: 'ok', found: `free, for ${use}` };
      const who = `ss -ltnp 'sport = :${port}'`;
      const fix = `end what listens there (${who}), or set listen: in vitrine.yaml`;
      return { check, state: 'warn', found: `taken; ${use} cannot listen there`, fix };
    }),
  );
}

function diskFinding(dataDir: string): Finding {
  const free = freeBytes(dataDir);
  const found = `${byteCount(free)} free for ${dataDir}`;
  if (free >= DISK_BYTES_MIN) return { check: 'disk', state: 'ok', found };
  return { check: 'disk', state: 'fail', found, fix: 'make room, or choose another --data DIR' };
}

async function systemFinding(dataDir: string, running: RunFile | undefined): Promise<Finding> {
  const check = 'system';
  if (running === undefined) {
    const fix = `npx --no vitrine up --data ${dataDir}`;
    return { check, state: 'warn', found: `none runs in ${dataDir}`, fix };
  }
  try {
    const note = await new Client(runningSystem(dataDir)).checkpoint(running.log);
    const size = note.split('\n')[1] ?? '?';
    const found = `process ${running.pid} at ${running.api}, log ${running.origin}, ${size} leaves`;
    return { check, state: 'ok', found };
  } catch (error) {
    const hint = error instanceof CliError ? error.hint : '';
    const found = `process ${running.pid} at ${running.api}: ${sentenceOf(error)}`;
    return { check, state: 'fail', found, fix: hint };
  }
}

/** The one that runs beside the system; where none does, whether there is one to start. */
export async function dashboardFinding(
  dataDir: string,
  running: RunFile | undefined,
): Promise<Finding> {
  const check = 'dashboard';
  const dashboard = readDashboardFile(dataDir);
  if (dashboard === undefined) {
    const build =
      currentDist() !== undefined ? 'it is built' : 'its first start builds it, in about 15 s';
    if (running === undefined) return { check, state: 'ok', found: `none runs; ${build}` };
    const elsewhere = linkBase({ ...running, dataDir });
    if (elsewhere !== undefined) return { check, state: 'ok', found: `at ${elsewhere}` };
    const found = `none runs beside process ${running.pid}; ${build}`;
    return { check, state: 'warn', found, fix: 'start the system without --no-dashboard' };
  }
  const { pid, url } = dashboard;
  try {
    const signal = AbortSignal.timeout(DASHBOARD_MS_MAX);
    const { status } = await fetch(`${url}/login`, { signal });
    const found = `process ${pid} at ${url}`;
    if (status === 200) return { check, state: 'ok', found };
    const fix = 'restart the system';
    return { check, state: 'fail', found: `${found} answers with status ${status}`, fix };
  } catch (error) {
    const found = `process ${pid} at ${url}: ${sentenceOf(error)}`;
    return { check, state: 'fail', found, fix: 'restart the system' };
  }
}
