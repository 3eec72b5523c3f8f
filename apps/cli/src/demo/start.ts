/** The system a demonstration runs on: the one that runs already, or one of its own. */
import { join } from 'node:path';
import { Client } from '../client/client.ts';
import { linkBase, loginLink } from '../dashboard/whereabouts.ts';
import type { Io } from '../print/io.ts';
import { grouped, plain } from '../print/text.ts';
import { type RunningSystem, readRunFile, runningSystem } from '../system/data-dir.ts';
import { startWhole, type WholeSystem } from '../system/whole.ts';
import { INDENT, shown } from './heading.ts';
import { demoSettings } from './settings.ts';

export interface DemoSystem {
  system: RunningSystem;
  client: Client;
  /** The dashboard's address, where one runs. */
  dashboard: string | undefined;
  /** `undefined` when it is not ours to stop. */
  own: WholeSystem | undefined;
}

export interface DemoStart {
  dataDir: string;
  dashboard: boolean;
  signal: AbortSignal;
}

/** Starts what is missing, and says where everything is and how to look at it. */
export async function demoSystem(io: Io, options: DemoStart): Promise<DemoSystem> {
  const own = await ownSystem(io, options);
  try {
    const system = own?.system ?? runningSystem(options.dataDir);
    const client = new Client(system);
    if (own === undefined) await sayWhere(io, system, client);
    const dashboard = linkBase(system);
    if (dashboard !== undefined) {
      const { url } = await loginLink(system, client);
      io.out('');
      io.out(io.strong(`${INDENT}Watch it here: ${url}`));
    }
    return { system, client, dashboard, own };
  } catch (error) {
    await own?.stop();
    throw error;
  }
}

async function ownSystem(
  io: Io,
  { dataDir, dashboard, signal }: DemoStart,
): Promise<WholeSystem | undefined> {
  if (readRunFile(dataDir) !== undefined) {
    io.out(`${INDENT}one runs in ${shown(dataDir)} already and is used`);
    return undefined;
  }
  const { configFile, taken } = await demoSettings(dataDir);
  for (const port of taken) io.out(`${INDENT}port ${port} is taken: a free one is used instead`);
  return startWhole({
    dataDir,
    dashboard,
    ...(configFile === undefined ? {} : { configFile }),
    log: (line) => io.err(`${INDENT}${plain(line)}`),
    signal,
    async onReady({ system, readyMs }) {
      io.out(`${INDENT}ready after ${(readyMs / 1_000).toFixed(1)} s`);
      await sayWhere(io, system, new Client(system));
    },
  });
}

async function sayWhere(io: Io, system: RunningSystem, client: Client): Promise<void> {
  const { size } = await client.events({ limit: 1, order: 'desc' });
  const { items } = await client.sessions({ limit: 1 });
  const dataDir = shown(system.dataDir);
  const log = items.length === 0 ? 'new' : `goes on with ${grouped(size)} leaves`;
  io.out(`${INDENT}API        ${system.api}  (token in ${join(dataDir, 'admin.token')})`);
  io.out(`${INDENT}OTLP/HTTP  ${system.otlpHttp}`);
  if (system.otlpGrpc !== '') io.out(`${INDENT}OTLP/gRPC  ${system.otlpGrpc}`);
  io.out(`${INDENT}data       ${dataDir}`);
  io.out(`${INDENT}log        ${system.origin}, ${log}`);
}
