/**
 * The guides of the connectors, typed into a shell against one running system: each command ends
 * well, and each test alert is at its destination. Then the commands of docs/start.md.
 * docs/guides/syslog.md is typed by test/interop/rsyslog, and all of elastic.md but its keys by
 * test/opensearch, against the real ones.
 */
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { REPOSITORY, Stage } from './acceptance/path/collector-process.ts';
import { run, userEnvironment } from './acceptance/path/program.ts';
import { isGiven, works } from './acceptance/path/requirement.ts';
import { System, VITRINE } from './acceptance/path/system.ts';
import { until } from './acceptance/path/until.ts';
import * as destinations from './guides/destinations.ts';

/** Long enough for a mistaken command to end. */
const FOLLOWS_MS = 3_000;
const ARRIVES_MS_MAX = 20_000;
const ALERT = /^test alert (alr_[0-9a-f]{32}) was taken/gm;
/** Tools of others that are not here; the page says of each that no test runs it. */
const NOT_OURS = /^(az|kafka-topics\.sh|kcat) /;
const PAGES = [
  'splunk',
  'falcon',
  'kafka',
  'otlp-alerts',
  'webhook',
  'sentinel',
  'elastic',
] as const;
const NOT_RUN = 'No test of ours runs this command';

type Types = (commands: string, more?: NodeJS.ProcessEnv) => Promise<string>;

interface Guide {
  name: string;
  type: string;
  settings: destinations.Settings;
  /** Before and after the settings. */
  first: string[];
  then: string[];
}

/** A guide whose data directory is this one. */
function guide(page: string, data: string): Guide {
  const path = join(REPOSITORY, 'docs/guides', `${page}.md`);
  const written = readFileSync(path, 'utf8').replaceAll(/\.vitrine(?=[/ ])/g, data);
  const fences = [...written.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const at = fences.findIndex(([, language]) => language === 'yaml');
  const { connectors } = parse(fences[at]![2]!) as {
    connectors: Record<string, Guide['settings']>;
  };
  const [[name, settings], ...others] = Object.entries(connectors) as [[string, Guide['settings']]];
  assert.deepEqual(others, [], page);
  const all = fences.map(([, language, lines]) => (language === '' ? lines! : ''));
  const foreign = all.filter((lines) => NOT_OURS.test(lines));
  assert.equal(written.split(NOT_RUN).length - 1, foreign.length, `${page}: what is not run`);
  const ours = all.map((lines) => (foreign.includes(lines) ? '' : lines));
  const isThere = (lines: string): boolean => lines !== '';
  const [first, then] = [ours.slice(0, at).filter(isThere), ours.slice(at).filter(isThere)];
  assert.ok(first.length > 0 && then.length > 0, `${page}: no commands`);
  return { name, type: String(settings.type), settings, first, then };
}

/** A shell in the directory of the stage: `npx --no vitrine` is ours, and nobody types more. */
function shell(stage: Stage, env: NodeJS.ProcessEnv): Types {
  const [NODE, TOOL] = VITRINE;
  return async (commands, more = {}) => {
    const npx = 'npx() { shift 2; "$NODE" "$VITRINE" "$@"; }';
    const script = `set -euo pipefail\nexec </dev/null\n${npx}\n${commands}`;
    const own = { NODE, VITRINE: TOOL, VITRINE_DATA: stage.data };
    const options = { cwd: stage.dir, env: userEnvironment({ ...env, ...own, ...more }) };
    const { code, stdout, stderr } = await run(['bash', '-c', script], options);
    assert.equal(code, 0, `${commands}\n${stdout}${stderr}`);
    for (const [name, secret] of Object.entries(destinations.SECRETS)) {
      assert.ok(secret === '' || !stdout.includes(secret), `${name} is shown`);
    }
    return stdout;
  };
}

/** What a cluster is asked for beside alerts: `METHOD path`, and the body. */
async function administration(stage: Stage) {
  const asked = new Map<string, unknown>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { pathname } = new URL(request.url!, 'http://localhost');
    asked.set(`${request.method} ${pathname}`, body === '' ? undefined : JSON.parse(body));
    response.end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stage.atEnd(() => new Promise((done) => server.close(done)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('the guides of the connectors are what happens', async (t) => {
  const stage = new Stage(t);
  symlinkSync(join(REPOSITORY, 'connectors'), join(stage.dir, 'connectors'));
  const cluster = await administration(stage);
  const places = new Map<Guide, destinations.Destination>();
  const kept = <D extends destinations.Destination>(of: Guide, place: D): D => {
    stage.atEnd(() => place.close());
    places.set(of, place);
    return place;
  };
  const [toSplunk, toFalcon, toKafka, toOtlp, toHook, toSentinel, toElastic] = PAGES.map((page) => {
    return guide(page, stage.data);
  }) as [Guide, Guide, Guide, Guide, Guide, Guide, Guide];
  const splunk = kept(toSplunk, await destinations.splunk(toSplunk.settings));
  kept(toFalcon, await destinations.falcon(toFalcon.settings));
  kept(toOtlp, await destinations.otlp());
  kept(toSentinel, await destinations.sentinel(toSentinel.settings));
  kept(toElastic, await destinations.elastic());
  const urls = { SPLUNK_URL: splunk.url, ELASTIC_URL: cluster.url, ADMIN_KEY: 'none' };
  const type = shell(stage, { ...destinations.SECRETS, ...urls });
  await t.test('a broker for docs/guides/kafka.md', async (within) => {
    const broker = await destinations.kafka(within, toKafka.settings);
    if (broker === undefined) return;
    kept(toKafka, broker);
    for (const lines of toKafka.first) await type(lines, { KAFKA_PASSWORD: broker.password });
  });
  for (const { first } of [...places.keys(), toHook].filter((one) => one !== toKafka)) {
    for (const lines of first) await type(lines);
  }
  const { file } = toHook.settings.secret as { file: string };
  kept(toHook, await destinations.webhook(file));
  const connectors = [...places].map(([{ name, settings }, { instead }]) => {
    return [name, { ...settings, ...instead }];
  });
  const system = await System.up(
    stage,
    `connectors: ${JSON.stringify(Object.fromEntries(connectors))}\n`,
  );
  for (const [one, place] of places) {
    await t.test(`connector ${one.type}`, () => arrives(one, place, type));
  }
  const list = readFileSync(join(REPOSITORY, 'docs/guides/connectors.md'), 'utf8');
  const linked = [...list.matchAll(/\[step by step\]\(([\w-]+)\.md\)/g)].map(([, name]) => name);
  assert.deepEqual(linked.toSorted(), [...PAGES, 'syslog'].toSorted());
  await t.test('the administration of Elasticsearch', () => isAskedFor(cluster.asked));
  await t.test('docs/start.md', (within) => startsByThePage(within, system, type));
});

/** What follows the settings: tried without a connection, then sent, and there once. */
async function arrives(one: Guide, place: destinations.Destination, type: Types): Promise<void> {
  const said = [];
  for (const lines of one.then) said.push(await type(lines));
  const ids = [...said.join('').matchAll(ALERT)].map(([, id]) => id);
  assert.equal(ids.length, 1, said.join(''));
  const there = await until('it is there', ARRIVES_MS_MAX, async () => {
    const arrived = await place.arrived();
    return arrived.length > 0 ? arrived : undefined;
  });
  assert.deepEqual(there, ids);
}

function isAskedFor(asked: Map<string, unknown>): void {
  const template = join(REPOSITORY, 'connectors/elastic/index-template.json');
  const key = asked.get('POST /_security/api_key') as { role_descriptors: object };
  assert.deepEqual(
    [...asked.keys()],
    [
      'PUT /_index_template/vitrine-alerts',
      'POST /_security/api_key',
      'GET /logs-vitrine.alerts-default/_search',
    ],
  );
  assert.deepEqual(
    asked.get('PUT /_index_template/vitrine-alerts'),
    JSON.parse(readFileSync(template, 'utf8')),
  );
  assert.deepEqual(Object.keys(key.role_descriptors), ['vitrine']);
}

/**
 * Each command of `vitrine` there, but `--inactive`, which needs a log that was there on a day that
 * is over, and `login`, which needs the dashboard: test/acceptance/faces does that. What only npm
 * does, test/acceptance/path does: the demo, and `start` as `vitrine up`.
 */
async function startsByThePage(t: TestContext, system: System, type: Types): Promise<void> {
  const given = works('bwrap', '--version') && works('strace', '--version');
  if (!isGiven(t, given, 'no bwrap or no strace')) return;
  const written = readFileSync(join(REPOSITORY, 'docs/start.md'), 'utf8');
  const commands = written.match(/^npx --no vitrine .*$/gm)!;
  const typed = commands.filter((command) => !/--inactive| login/.test(command));
  assert.deepEqual([commands.length, typed.length], [14, 12]);
  for (const command of typed) {
    if (command.endsWith(' --follow')) {
      const following = system.start(...command.split(' ').slice(3));
      const early = await Promise.race([following.ended, sleep(FOLLOWS_MS)]);
      assert.equal(early, undefined, `${command} ends`);
      continue;
    }
    const [newest] = await system.json<{ session: string }[]>('sessions', '--limit', '1');
    await type(command.replaceAll('SESSION', newest?.session ?? 'none'));
  }
}
