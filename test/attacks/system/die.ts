/**
 * Imported before a program: kills it, as `kill -9` does, right after one durable step of a batch
 * (LOG.md §3), once the file of the order is there. Sees the steps from outside, by what the
 * program does to its files and says to its engine.
 */
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

export type Step =
  | 'queue synced'
  | 'blob written'
  | 'intent created'
  | 'records inserted'
  | 'checkpoint inserted'
  | 'note published'
  | 'blob forgotten';

export interface Order {
  step: Step;
  /** Nothing is killed before this file is there. */
  armed: string;
}

/** Where the order stands, as JSON. */
export const ORDER = 'VITRINE_TEST_DIE';

const given = process.env[ORDER];
if (given !== undefined) await watch(JSON.parse(given) as Order);

async function watch({ step, armed }: Order): Promise<void> {
  const done = (what: Step): void => {
    if (what === step && fs.existsSync(armed)) process.kill(process.pid, 'SIGKILL');
  };
  const { unlinkSync } = fs;
  const { link, rename } = fs.promises;
  fs.promises.rename = async (from, to) => {
    await rename(from, to);
    if (String(to).includes('/blob/')) done('blob written');
  };
  fs.promises.link = async (from, to) => {
    await link(from, to);
    if (String(to).includes('/intent/')) done('intent created');
    if (String(to).includes('/note/')) done('note published');
  };
  fs.unlinkSync = (path) => {
    unlinkSync(path);
    if (String(path).includes('/blob/')) done('blob forgotten');
  };
  await watchQueue(() => done('queue synced'));
  watchEngine(done);
  syncBuiltinESMExports();
}

/** The queue is the one file that is written through a handle. */
async function watchQueue(done: () => void): Promise<void> {
  const handle = await open('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const { datasync } = prototype;
  prototype.datasync = async function synced(this: typeof handle) {
    await datasync.call(this);
    done();
  };
}

const INSERTS: [table: string, step: Step][] = [
  ['records', 'records inserted'],
  ['checkpoints', 'checkpoint inserted'],
];

function watchEngine(done: (step: Step) => void): void {
  const { request } = http;
  http.request = ((...args: Parameters<typeof request>) => {
    const asked = request(...args);
    const path = decodeURIComponent(asked.path).replaceAll('+', ' ');
    const insert = INSERTS.find(([table]) => path.includes(`INSERT INTO ${table} `));
    if (insert !== undefined) asked.once('response', () => done(insert[1]));
    return asked;
  }) as typeof request;
}
