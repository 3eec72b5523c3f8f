/**
 * Looks for secrets wherever a system keeps or says something: each file of its data directory but
 * the secret files, each table of its database, every answer of its API, and what it printed.
 */
import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { select } from '../path/clickhouse.ts';
import type { Site } from './site.ts';

const SECRETS = 'secrets';
/** Of a base64 text: what does not depend on what stands before or behind it. */
const BASE64_EDGE = 4;
/** A stream that goes on until it is left. */
const ENDLESS = '/v1/tail';

export async function assertNowhere(
  site: Site,
  canaries: Record<string, string>,
  connectors: string[],
): Promise<void> {
  const needles = new Needles(Object.entries(canaries));
  const said = await answersOf(site, connectors);
  for (const [where, text] of said) needles.assertNone(where, Buffer.from(text));
  needles.assertNone('what it printed', Buffer.from(site.output));
  for (const [path, bytes] of filesOf(site.data)) needles.assertNone(path, bytes);
  for (const [table, rows] of await tablesOf(site)) needles.assertNone(table, Buffer.from(rows));
  // The instruments: each secret is found where it is, and what is everywhere in each place.
  for (const [name, secret] of Object.entries(canaries)) {
    assert.throws(() => needles.assertNone('', Buffer.from(`"${secret}"`)), new RegExp(name));
  }
  const [first] = await site.alerts(1);
  const alert = new Needles([['alert', first!.id]]);
  const places = [...said.values(), ...(await tablesOf(site)).values()];
  assert.ok(places.filter((text) => alert.isIn(Buffer.from(text))).length >= 2);
  const letters = [...filesOf(site.data)].filter(([path]) => path.endsWith('dead-letters.jsonl'));
  assert.match(Buffer.concat(letters.map(([, bytes]) => bytes)).toString(), /\[redacted\]/);
}

/** A secret that nobody was told proves nothing by being nowhere. */
export function assertHeard(canaries: Record<string, string>, heard: string): void {
  const all = Buffer.from(heard);
  const unsaid = Object.entries(canaries).filter((canary) => !new Needles([canary]).isIn(all));
  assert.deepEqual(
    unsaid.map(([name]) => name),
    [],
  );
}

class Needles {
  readonly #forms: { name: string; bytes: Buffer }[];

  constructor(secrets: [name: string, secret: string][]) {
    this.#forms = secrets.flatMap(([name, secret]) => {
      const whole = secret.replace(/^whsec_/, '');
      const words = [whole, ...(secret.match(/cnry-[\w-]+/g) ?? [])];
      const forms = words.flatMap((word) => [
        word,
        encodeURIComponent(word),
        new URLSearchParams([['', word]]).toString().slice(1),
        JSON.stringify(word).slice(1, -1),
        ...inBase64(word),
      ]);
      return [...new Set(forms)].map((form) => ({ name, bytes: Buffer.from(form) }));
    });
  }

  isIn(bytes: Buffer): boolean {
    return this.#forms.some((form) => bytes.includes(form.bytes));
  }

  assertNone(where: string, bytes: Buffer): void {
    const found = this.#forms.find((form) => bytes.includes(form.bytes));
    if (found === undefined) return;
    const at = bytes.indexOf(found.bytes);
    const around = bytes.subarray(Math.max(0, at - 200), at + 200).toString('utf8');
    assert.fail(`the secret ${found.name} is in ${where}: ${around}`);
  }
}

/** In the middle of a longer text as well, wherever it begins there. */
function inBase64(word: string): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.from(`${'-'.repeat(before)}${word}`).toString('base64');
    return text.slice(BASE64_EDGE, -BASE64_EDGE);
  });
}

/** Of a running system: what is gone before it can be read was a file of the moment. */
function* filesOf(data: string): Generator<[path: string, bytes: Buffer]> {
  for (const path of filesBelow(data, '')) {
    try {
      yield [path, readFileSync(join(data, path))];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function filesBelow(data: string, dir: string): string[] {
  return readdirSync(join(data, dir)).flatMap((name) => {
    const path = join(dir, name);
    const stat = lstatSync(join(data, path), { throwIfNoEntry: false });
    if (stat?.isDirectory()) return path === SECRETS ? [] : filesBelow(data, path);
    return stat?.isFile() ? [path] : [];
  });
}

/** Every route that needs no more than its path, and all about each connector. */
async function answersOf(site: Site, connectors: string[]): Promise<Map<string, string>> {
  const { paths } = await site.get<{ paths: Record<string, object> }>('/v1/openapi.json');
  const plain = Object.entries(paths).filter(([path, methods]) => {
    return 'get' in methods && !path.includes('{') && path !== ENDLESS;
  });
  const asked: [string, string][] = [...plain.map(([path]): [string, string] => ['GET', path])];
  for (const stream of ['events', 'alerts', 'checkpoints', 'access']) {
    asked.push(['GET', `/v1/pull/${stream}?from=earliest`]);
  }
  for (const name of connectors) {
    const own = `/v1/connectors/${name}`;
    asked.push(['GET', own], ['GET', `${own}/dead-letters`], ['POST', `${own}/dry-run`]);
  }
  const said = new Map<string, string>();
  for (const [method, path] of asked) {
    const { status, text } = await site.call(method, path, method === 'POST' ? {} : undefined);
    said.set(`${method} ${path}`, `${status} ${text}`);
  }
  assert.match(said.get('GET /metrics') ?? '', /^200 .*vitrine_delivery/s);
  return said;
}

async function tablesOf({ run }: Site): Promise<Map<string, string>> {
  const tables = await select<{ name: string }>(
    run,
    "SELECT name FROM system.tables WHERE database = 'vitrine'",
  );
  const found = new Map<string, string>();
  for (const { name } of tables) {
    const rows = await select<{ row: string }>(
      run,
      `SELECT formatRow('JSONEachRow', *) AS row FROM vitrine.\`${name}\``,
    );
    found.set(`table ${name}`, rows.map(({ row }) => row).join(''));
  }
  assert.ok(found.has('table records'));
  return found;
}
