/** Detection whose thread or whole process ends: what it remembered, and what it then says. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SHIPPED_RULES } from '@vitrine/detect';
import { DETECT_DEATHS_MAX } from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import { AT_NS, emptyLog, LOG, openEntry, RelayChain, seal } from '../fixture/log.ts';
import { rowsOf, storeOf } from '../fixture/rows.ts';
import type { AlertInput } from '../sequence/alert.ts';
import { Detection } from './detection.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-mortal-'));
after(() => rmSync(dir, { recursive: true }));
const WAIT_MS_MAX = 60_000;
const rules = join(dir, 'rules');
mkdirSync(rules);
cpSync(new URL('TEL-013.yml', SHIPPED_RULES), join(rules, 'TEL-013.yml'));
let serial = 0;

/** In a place of its own; `deadly` is the file that kills. */
class Rig {
  readonly dir = join(dir, String(serial++));
  readonly deadly = join(dir, `deadly-${serial}`);
  readonly rows: RecordRow[];
  readonly alerts: AlertInput[] = [];
  readonly lines: string[] = [];
  to = 0;
  size = 0;

  constructor(rows: RecordRow[]) {
    this.rows = rows;
  }

  start(from = 0, store: Store = storeOf(this.rows)): Detection {
    const script = new URL('../fixture/mortal-detection.ts', import.meta.url);
    return new Detection({
      ...{ log: LOG, dir: this.dir, store, from, nowMs: () => performance.now() },
      folders: { builtin: false, dir: rules },
      sessions: () => [],
      size: () => this.size,
      onAlerts: (alerts, to) => {
        this.alerts.push(...alerts);
        this.to = to;
      },
      onRules: async () => {},
      print: (line) => this.lines.push(line),
      thread: { script, data: this.deadly, retryMs: 5 },
    });
  }

  /** The whole batches below `end` are published, one after the other, and read. */
  async publish(detection: Detection, end: number): Promise<void> {
    for (let first = this.size; first < end; first = this.size) {
      const next = this.rows.findIndex(({ kind, idx }) => kind === 'seal' && idx >= first) + 1;
      this.size = next;
      detection.published(this.rows.slice(first, next), next);
      await until(() => this.to === next);
    }
  }

  get found(): [rule: string, id: string][] {
    return this.alerts.map(({ rule, id }) => [String(rule), id]);
  }
}

async function until(what: () => boolean): Promise<void> {
  for (const end = performance.now() + WAIT_MS_MAX; !what(); await sleep(2)) {
    assert.ok(performance.now() < end, 'it did not happen');
  }
}

/** A program that nothing of the agent's own log explains; batches go on, minutes apart. */
function silence(): RecordRow[] {
  const state = emptyLog();
  const agent = new RelayChain('s1', 'agent');
  const boundary = new RelayChain('s1', 'boundary');
  const at = (minutes: number): bigint => AT_NS + BigInt(minutes * 60) * 1_000_000_000n;
  const exec = { process: { exe: '/usr/bin/curl', pid: 7 } };
  const close = { kind: 'close', session: 's1', reason: 'runtime' } as const;
  const plans = [
    seal(state, [openEntry('s1'), agent.page(agent.next('session.start'))]),
    seal(state, [boundary.page(boundary.next('process.exec', exec, at(5)))], at(5)),
    seal(state, [boundary.page(boundary.next('file.read', {}, at(5.1)))], at(5.1)),
  ];
  // The log says what detection had read: all before the last batch but one.
  state.consumed.detect = plans[0]!.batch.first + plans[0]!.batch.rows.length;
  plans.push(seal(state, [], at(5.2)));
  plans.push(seal(state, [{ ...close, observed: String(at(6)) }], at(6)));
  return rowsOf(plans);
}

function sealsOf(rows: RecordRow[]): number[] {
  return rows.filter(({ kind }) => kind === 'seal').map(({ idx }) => idx + 1);
}

const rows = silence();
const whole = undisturbed();

async function undisturbed(): Promise<[string, string][]> {
  const rig = new Rig(rows);
  const detection = rig.start();
  await rig.publish(detection, rows.length);
  await detection.stop();
  return rig.found;
}

describe('detection whose thread ends', () => {
  it('raises the same, once, wherever it ends', async () => {
    assert.deepEqual(
      (await whole).map(([rule]) => rule),
      ['TEL-013'],
    );
    for (const end of sealsOf(rows).slice(2, 3)) {
      const rig = new Rig(rows);
      const detection = rig.start();
      await rig.publish(detection, end - 1);
      writeFileSync(rig.deadly, 'once');
      await rig.publish(detection, rows.length);
      assert.deepEqual(rig.found, await whole, String(end));
      assert.equal(detection.status.deaths, 1);
      await detection.stop();
    }
  });

  it('is said to fail when it ends again and again, and goes on when it can', async () => {
    const rig = new Rig(rows);
    const detection = rig.start();
    writeFileSync(rig.deadly, 'always');
    rig.size = rows.length;
    detection.published(rows, rows.length);
    await until(() => detection.status.state === 'failing');
    const { deaths, last_error, position, lag_rows } = detection.status;
    assert.ok(deaths >= DETECT_DEATHS_MAX);
    assert.deepEqual([last_error, position], ['the thread ended with code 9', 0]);
    assert.equal(lag_rows, rows.length);
    assert.ok(rig.lines.some((line) => line.includes('5 times in a row; starting another one')));
    rmSync(rig.deadly);
    await until(() => rig.to === rows.length);
    assert.equal(detection.status.state, 'running');
    assert.deepEqual(rig.found, await whole);
    await detection.stop();
  });
});

describe('detection that was saved', () => {
  /** Read up to the last batch but one, in a process that then ends; what the log says it read. */
  async function saved(): Promise<{ rig: Rig; from: number }> {
    const rig = new Rig(rows);
    const detection = rig.start();
    await rig.publish(detection, sealsOf(rows)[3]!);
    await until(() => readSaved(rig) !== '');
    await detection.stop();
    return { rig, from: sealsOf(rows)[2]! };
  }

  function readSaved(rig: Rig): string {
    try {
      return readFileSync(join(rig.dir, 'saved'), 'latin1');
    } catch {
      return '';
    }
  }

  async function resumed(rig: Rig, from: number, store?: Store): Promise<[string, string][]> {
    rig.alerts.length = 0;
    rig.to = 0;
    const detection = rig.start(from, store);
    rig.size = rig.rows.length;
    await until(() => rig.to === rig.rows.length);
    await detection.stop();
    return rig.found;
  }

  it('goes on from there, and asks the log for nothing before', async () => {
    const { rig, from } = await saved();
    const { to } = JSON.parse(readSaved(rig).split('\n')[0]!) as { to: number };
    assert.equal(to, sealsOf(rows)[0]!, 'as far as the log says, no further');
    // The leaf before it says that it is of this log.
    assert.deepEqual(await resumed(rig, from, storeOf(rows, to - 1)), await whole);
  });

  it('without the file, or with one that is torn or of another log, it reads again', async () => {
    const { rig, from } = await saved();
    const file = join(rig.dir, 'saved');
    const good = readSaved(rig);
    const bad: [text: string, why: RegExp][] = [
      [good.slice(0, -1), /is not of this log/],
      [good.replace('"leaf":"', '"leaf":"x'), /is not of this log/],
    ];
    for (const [text, why] of bad) {
      writeFileSync(file, text, 'latin1');
      rig.lines.length = 0;
      assert.deepEqual(await resumed(rig, from), await whole, text.slice(0, 40));
      assert.ok(
        rig.lines.some((line) => why.test(line)),
        rig.lines.join('\n'),
      );
    }
    rmSync(file);
    assert.deepEqual(await resumed(rig, from), await whole);
  });

  it('is not gone on from when it is ahead of what the log says was read', async () => {
    const { rig } = await saved();
    assert.deepEqual(await resumed(rig, 0), await whole);
  });
});
