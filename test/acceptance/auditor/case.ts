/**
 * What an auditor comes with and leaves with: a trust file and a pin of his first visit, a log that
 * grew since, and a folder of his own where nothing of the system is.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { push } from '../faces/push.ts';
import { adminToken } from '../path/api.ts';
import { Stage } from '../path/collector-process.ts';
import { type EventItem, eventsOf } from '../path/events.ts';
import { JSON_TYPE, post } from '../path/otlp.ts';
import type { Ran } from '../path/program.ts';
import { System, vitrineIn } from '../path/system.ts';
import { until } from '../path/until.ts';

export const SESSION = 'audited';
/** Two full tiles of 256, and a third that grows. */
const EVENTS = 600;
const EVENTS_AT_FIRST = 100;
const SEALED_MS_MAX = 30_000;
const FIRST_T_MS = Date.now();

export class Case {
  readonly system: System;
  /** The auditor's folder; file names below are in it. */
  readonly folder: string;
  readonly stage: Stage;

  private constructor(stage: Stage, system: System, folder: string) {
    this.stage = stage;
    this.system = system;
    this.folder = folder;
  }

  static async open(t: TestContext): Promise<Case> {
    const stage = new Stage(t);
    const folder = join(stage.dir, 'auditor');
    mkdirSync(folder);
    const system = await System.up(stage, 'journal: {keep_seconds: 2}\n');
    const opened = new Case(stage, system, folder);
    await opened.tell(0, EVENTS_AT_FIRST);
    writeFileSync(opened.path('trust.txt'), await system.text('trust'));
    const trust = ['--trust', opened.path('trust.txt')];
    await system.text('checkpoint', ...trust, '--pin', opened.path('first.pin'));
    await opened.tell(EVENTS_AT_FIRST, EVENTS);
    return opened;
  }

  /**
   * Events `first` to below `end` of the session, each with a part; returns once they are sealed.
   */
  async tell(first: number, end: number): Promise<void> {
    const events = Array.from({ length: end - first }, (_, i) => ({
      kind: 'tool.call',
      at: FIRST_T_MS + first + i,
      members: {
        'tool.name': `tool-${first + i}`,
        'vitrine.part.prompt': promptOf(first + i),
      },
    }));
    await push(this.system, SESSION, events);
    await until('the events are sealed', SEALED_MS_MAX, async () => {
      return (await this.events()).length >= end ? true : undefined;
    });
  }

  /** One more event, whose part is `content`; returns its place, `LOG/INDEX`. */
  async tellSecret(content: Buffer): Promise<string> {
    const count = (await this.events()).length;
    const part = { bytesValue: content.toString('base64') };
    const record = {
      timeUnixNano: `${Date.now()}000000`,
      eventName: 'tool.call',
      attributes: [{ key: 'vitrine.part.prompt', value: part }],
    };
    const named = [{ key: 'session.id', value: { stringValue: SESSION } }];
    const one = { resource: { attributes: named }, scopeLogs: [{ logRecords: [record] }] };
    const body = Buffer.from(JSON.stringify({ resourceLogs: [one] }));
    const { run, data } = this.system;
    const url = `${run.otlp_http}/v1/logs`;
    const answer = await post({ url, token: adminToken(data), type: JSON_TYPE, body });
    assert.equal(answer.status, 200, answer.body.toString());
    return until('the event is sealed', SEALED_MS_MAX, async () => {
      const last = (await this.events())[count];
      return last === undefined ? undefined : `${last.log}/${last.index}`;
    });
  }

  async events(): Promise<EventItem[]> {
    return (await eventsOf(this.system, SESSION)).filter(({ kind }) => kind === 'tool.call');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  async export(name: string, ...args: string[]): Promise<void> {
    await this.system.text('export', ...args, '-o', this.path(name));
  }

  /** Offline, in the auditor's folder, with his trust file. */
  verify(name: string, ...args: string[]): Promise<Ran> {
    return vitrineIn(this.folder, 'verify', name, '--trust', 'trust.txt', ...args);
  }

  async assertCode(code: number, name: string, ...args: string[]): Promise<string> {
    const ran = await this.verify(name, ...args);
    assert.equal(ran.code, code, `${name} ${args.join(' ')}: ${ran.stdout}${ran.stderr}`);
    return ran.stdout + ran.stderr;
  }

  /** Writes `name` with another text in place of the first `old`, as `changed-…`. */
  change(name: string, old: string | RegExp, changed: string): string {
    const text = this.text(name);
    const other = text.replace(old, changed);
    assert.notEqual(other, text, `${name} has no ${old}`);
    const file = `changed-${name}`;
    writeFileSync(this.path(file), other);
    return file;
  }

  async get(path: string, token = adminToken(this.system.data)): Promise<Response> {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    return fetch(new URL(path, this.system.run.api), { headers });
  }
}

/** What no other file of a system has by chance. */
export function promptOf(i: number): string {
  return `the content of prompt ${i}, ${'as nobody else would write it '.repeat(3)}${i * 7919}`;
}
