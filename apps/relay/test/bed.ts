/**
 * A relay without sockets: spool, chains and custody on a directory, as `main.ts` puts them
 * together, with a disk that can be made to fail.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type SandboxEvent, SPOOL_BYTES_MAX, type Vantage } from '@vitrine/schema';
import { beginChains, greet } from '../src/chain/begin.ts';
import type { LiveChain } from '../src/chain/live.ts';
import { ShimTable } from '../src/chain/shims.ts';
import { Custody } from '../src/custody/custody.ts';
import { logsRequest } from '../src/spool/log-record.ts';
import { readPage } from '../src/spool/page.ts';
import { SegmentFile } from '../src/spool/segment.ts';
import { Spool } from '../src/spool/spool.ts';
import { Reader } from './reader.ts';

export const MAC_KEY = randomBytes(32);
export const PAGE = { bytesMax: 1_000_000, recordsMax: 1_000 };

export function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'relay-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The segments of a spool, the oldest first. */
export function segmentsOf(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(dir, name));
}

/** `failing` names the step that fails from now on, `alsoFailing` another. */
export interface Disk {
  failing: 'write' | 'sync' | 'truncate' | 'open' | undefined;
  alsoFailing: 'truncate' | undefined;
  /** What the system says then. */
  code: 'ENOSPC' | 'EIO';
  /** How many succeeded. */
  syncs: number;
  /** Syncs wait until what this returns is called. */
  hold(): () => void;
  open: (path: string) => SegmentFile;
}

export function disk(): Disk {
  let syncing = Promise.resolve();
  const state: Disk = {
    failing: undefined,
    alsoFailing: undefined,
    code: 'ENOSPC',
    syncs: 0,
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      syncing = promise;
      return resolve;
    },
    open: openFailing,
  };
  const fail = (): never => {
    throw Object.assign(new Error('a bad disk'), { code: state.code });
  };
  function openFailing(path: string): SegmentFile {
    if (state.failing === 'open') fail();
    return new FailingFile(path);
  }
  class FailingFile extends SegmentFile {
    override write(pieces: Buffer[], at: number): number {
      if (state.failing !== 'write') return super.write(pieces, at);
      // Half of it arrives: the torn write that a full disk leaves.
      super.write([Buffer.concat(pieces).subarray(0, 20)], at);
      return fail();
    }
    override async sync(): Promise<void> {
      if (state.failing === 'sync' || state.failing === 'truncate') fail();
      await syncing;
      await super.sync();
      state.syncs++;
    }
    override truncate(bytes: number): void {
      if (state.failing === 'truncate' || state.alsoFailing === 'truncate') fail();
      super.truncate(bytes);
    }
  }
  return state;
}

export interface Bed {
  spool: Spool;
  custody: Custody;
  shims: ShimTable;
  lines: string[];
  chain(vantage: Vantage): LiveChain;
  /** Takes one request with an event for each path. */
  take(vantage: Vantage, ...paths: string[]): Promise<unknown>;
}

export interface BedOptions {
  vantages?: Vantage[];
  session?: string;
  bytesMax?: number;
  disk?: Disk;
  now?: () => bigint;
  /** 0 where it is left out: what was taken can be read at once. */
  syncMs?: number;
}

export async function makeBed(t: TestContext, dir: string, options: BedOptions = {}): Promise<Bed> {
  const { vantages = ['agent'], session = 's1', bytesMax = SPOOL_BYTES_MAX } = options;
  const { now = () => BigInt(Date.now()) * 1_000_000n, syncMs = 0 } = options;
  const lines: string[] = [];
  const log = (line: string): number => lines.push(line);
  const open = options.disk === undefined ? {} : { open: options.disk.open };
  const spool = new Spool({ dir, bytesMax, log, ...open });
  t.after(() => spool.close());
  const shims = new ShimTable(spool.recovered.shims);
  spool.followShims(() => shims.all);
  const boot = randomBytes(8).toString('hex');
  const start = { session, boot, macKey: MAC_KEY, vantages: new Set(vantages), versions: {} };
  const begun = beginChains(spool, start);
  const chains = begun.map(({ chain }) => chain);
  const custody = new Custody({ spool, chains, shims, now, syncMs, log });
  await greet(custody, begun, start, spool.recovered.tornBytes);
  const chain = (vantage: Vantage): LiveChain => chains.find((c) => c.vantage === vantage)!;
  const take = (vantage: Vantage, ...paths: string[]) => {
    return custody.take(vantage, () => paths.map((path) => fileRead(path)));
  };
  return { spool, custody, shims, lines, chain, take };
}

export function fileRead(path: string, source: SandboxEvent['fields'] = {}): SandboxEvent {
  return { kind: 'file.read', t: '5', fields: { file: { path }, source }, parts: {} };
}

/** All that is in a spool, read page by page and verified. */
export function readAll(spool: Spool, reader = new Reader(MAC_KEY)): Reader {
  for (const chain of spool.chains) {
    for (;;) {
      const after = reader.after[chain.name] ?? chain.oldest - 1;
      const page = readPage(chain, after, PAGE);
      if (page.length === 0) break;
      reader.take(chain.name, logsRequest(page.map(({ log }) => log)));
    }
  }
  return reader;
}

/** The paths of all `file.read` records, in order. */
export function pathsOf(reader: Reader, vantage: string): string[] {
  return reader
    .of(vantage)
    .filter(({ record }) => record.kind === 'file.read')
    .map(({ record }) => String((record.file as { path: string }).path));
}
