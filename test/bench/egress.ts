/**
 * What an egress proxy adds to a request: direct, through our own proxy, and through mitmproxy with
 * our addon, in turn, each told to a relay's intake before it is answered. On a connection that is
 * kept, and on a new one for each request. `npm run bench -- egress [RUNS]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { askOn, connect, type ProxyAddress } from '../../packages/shim/src/stage/client.ts';
import { StageIntake } from '../../packages/shim/src/stage/intake.ts';
import { installedMitmdump, StageMitmproxy } from '../../packages/shim/src/stage/mitmproxy.ts';
import { StageUpstream } from '../../packages/shim/src/stage/upstream.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';

const RUNS_DEFAULT = 200;
/** Of the runs: a new connection costs ten times a request. */
const NEW_SHARE = 0.2;
const HOST = 'api.example.com';
const SHIM = fileURLToPath(new URL('../../packages/shim/bin/shim.mjs', import.meta.url));

interface Route {
  name: string;
  /** A TLS connection to the server, by this way. */
  open: () => Promise<TLSSocket>;
  end: () => Promise<unknown>;
}

const runs = sizeAsked(RUNS_DEFAULT);
const intake = await new StageIntake().start();
const upstream = await StageUpstream.start(intake.dir);
const routes = await allRoutes();
try {
  printMachine();
  await measure('kept connection', runs, kept);
  await measure('new connection', Math.ceil(runs * NEW_SHARE), anew);
} finally {
  for (const route of routes) await route.end();
  await upstream.end();
  await intake.end();
}

/** The ways in turn, so that whatever else the machine does meets all of them. */
async function measure(
  what: string,
  count: number,
  prepare: (route: Route) => Promise<() => Promise<number>>,
): Promise<void> {
  const asks = await Promise.all(routes.map(prepare));
  const times = routes.map((): number[] => []);
  for (let i = 0; i < count; i++) {
    for (const [at, ask] of asks.entries()) times[at]!.push(await ask());
  }
  const direct = median(times[0]!);
  for (const [at, { name }] of routes.entries()) {
    printFigure(`${what}, ${name}`, [median(times[at]!)], 'ms');
    if (at > 0) printFigure('  added, median', [median(times[at]!) - direct], 'ms');
  }
}

async function kept(route: Route): Promise<() => Promise<number>> {
  const tls = await route.open();
  // The client would close it after each answer otherwise.
  const ask = async (): Promise<number> => {
    const began = performance.now();
    await askOn(tls, { host: HOST, path: '/', headers: { connection: 'keep-alive' } });
    return performance.now() - began;
  };
  await ask();
  return ask;
}

async function anew(route: Route): Promise<() => Promise<number>> {
  return async () => {
    const began = performance.now();
    const tls = await route.open();
    await askOn(tls, { host: HOST, path: '/' });
    const ms = performance.now() - began;
    tls.destroy();
    return ms;
  };
}

async function allRoutes(): Promise<Route[]> {
  const found = [directRoute(), await ownRoute()];
  const mitmdump = installedMitmdump();
  if (mitmdump === undefined) console.log('mitmproxy is not here: .ci/mitmproxy installs it');
  else found.push(await mitmproxyRoute(mitmdump));
  return found;
}

function directRoute(): Route {
  const ca = readFileSync(upstream.caFile, 'utf8');
  const open = async (): Promise<TLSSocket> => {
    const tls = connectTls({ port: upstream.port, host: '127.0.0.1', servername: HOST, ca });
    await once(tls, 'secureConnect');
    return tls;
  };
  return { name: 'direct', open, end: async () => {} };
}

async function ownRoute(): Promise<Route> {
  const [socket, certificateFile] = [join(intake.dir, 'egress.sock'), join(intake.dir, 'own.pem')];
  const child = spawn(process.execPath, [SHIM, 'egress'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const address = { address: '127.0.0.1', port: upstream.port };
  const rule = { host: HOST, port: 443, upstream: address, caFile: upstream.caFile };
  const settings = { socket, intake: intake.socket, certificateFile, rules: [rule] };
  const line = { ...settings, fingerprintKey: '22'.repeat(32), provisioned: [] };
  child.stdin.write(`${JSON.stringify(line)}\n`);
  await once(createInterface({ input: child.stdout }), 'line');
  const end = async (): Promise<void> => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { name: 'our proxy', open: () => through(socket, certificateFile), end };
}

async function mitmproxyRoute(mitmdump: string): Promise<Route> {
  const given = { upstreamCa: upstream.caFile };
  const { dir, socket } = intake;
  const stage = { dir, intake: socket, mitmdump, upstream: upstream.port, given };
  const proxy = await StageMitmproxy.start(stage);
  const ca = join(dir, 'mitmproxy', 'mitmproxy-ca-cert.pem');
  return { name: 'mitmproxy', open: () => through(proxy.port, ca), end: () => proxy.end() };
}

async function through(proxy: ProxyAddress, caFile: string): Promise<TLSSocket> {
  const { socket } = await connect(proxy, `${HOST}:443`);
  const tls = connectTls({ socket, servername: HOST, ca: readFileSync(caFile, 'utf8') });
  await once(tls, 'secureConnect');
  return tls;
}

function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}
