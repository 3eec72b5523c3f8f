/**
 * One system for all faces: `vitrine up` with its dashboard, the demonstration acted out on it,
 * and a second dashboard whose way to the API leads through a wire that a test holds.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { adminToken, callApi } from '../path/api.ts';
import { Stage } from '../path/collector-process.ts';
import type { Ran } from '../path/program.ts';
import { System } from '../path/system.ts';
import { ApiProxy } from './api-proxy.ts';
import { openBrowser, Tab, type TabOptions } from './browser.ts';
import { startDashboard } from './dashboard-process.ts';

/** A name of this machine that is none of loopback's. */
export const OTHER_HOST = 'vitrine.test';
/** What the EDR calls this machine. */
export const DEVICE = { vendor: 'acme', device_id: 'device-0042' };
const SETTINGS = `host: {edr: ${JSON.stringify(DEVICE)}}\n`;

const NOT_ACTED: Ran = { code: null, stdout: '', stderr: '' };

export class House {
  readonly stage: Stage;
  readonly system: System;
  readonly browser: Browser;
  readonly wire: ApiProxy;
  /** Address of the dashboard behind the wire. */
  readonly base: string;
  /** What the demonstration printed. */
  readonly demo: Ran;

  private constructor(parts: Omit<House, 'tab' | 'link' | 'pages' | 'json'>) {
    this.stage = parts.stage;
    this.system = parts.system;
    this.browser = parts.browser;
    this.wire = parts.wire;
    this.base = parts.base;
    this.demo = parts.demo;
  }

  /**
   * `undefined` after the test has been skipped. `acts`: with the demonstration on it; `more`:
   * lines of `vitrine.yaml`.
   */
  static async open(t: TestContext, acts = true, more = ''): Promise<House | undefined> {
    const stage = new Stage(t);
    const browser = await openBrowser(t, [`--host-resolver-rules=MAP ${OTHER_HOST} 127.0.0.1`]);
    if (browser === undefined) return undefined;
    const system = await System.up(stage, SETTINGS + more, true);
    const wire = await ApiProxy.start(system.run.api);
    stage.atEnd(() => wire.close());
    const base = await startDashboard(stage, wire.url, OTHER_HOST);
    const demo = acts ? await system.cli('demo', '--exit') : NOT_ACTED;
    return new House({ stage, system, browser, wire, base, demo });
  }

  /** A fresh one-time link, to the dashboard behind the wire. */
  async link(to?: string): Promise<string> {
    const printed = await this.system.text('login', ...(to === undefined ? [] : ['--to', to]));
    const { pathname, search, hash } = new URL(printed.trim());
    return pathname + search + hash;
  }

  /** A page of a person who has just come in by a link of their own, at `path`. */
  async tab(path: string, options: TabOptions = {}): Promise<Tab> {
    const tab = await Tab.open(this.browser, this.base, options);
    await tab.go(await this.link(path));
    await tab.page.waitForURL((url) => url.pathname + url.search === path);
    return tab;
  }

  /** Each kind of page, of the demonstration's incident. */
  async pages(): Promise<string[]> {
    interface Items<T> {
      items: T[];
    }
    const { items: sessions } = await this.json<Items<{ session: string }>>('/v1/sessions');
    const { session } = sessions.find((one) => /^foreign-key-[0-9a-f]+$/.test(one.session))!;
    const { items: alerts } = await this.json<Items<{ index: number }>>('/v1/alerts');
    const path = `/v1/sessions/${session}/events?kind=egress.request`;
    const { items: requests } = await this.json<Items<{ index: number }>>(path);
    const opened = `/s/${session}?e=${requests[0]!.index}`;
    const tabs = ['fields', 'record', 'parts', 'process', 'vantage', 'proof'];
    return [
      '/',
      `/s/${session}`,
      ...tabs.map((tab) => `${opened}&tab=${tab}`),
      ...['agents', 'processes', 'files', 'egress', 'approvals'].map(
        (view) => `/s/${session}/${view}`,
      ),
      '/sources',
      '/sources?cell=external_attacker.environment',
      '/alerts',
      `/alerts?a=${alerts[0]!.index}`,
      '/incidents',
      `/incidents/${session}`,
      '/rules?rule=EGR-001',
      '/connectors',
      `/search?q=${session}`,
      '/search?q=nothing-of-the-kind',
    ];
  }

  async json<T>(path: string): Promise<T> {
    const { run, data } = this.system;
    const { status, text } = await callApi(run, adminToken(data), 'GET', path);
    assert.equal(status, 200, `${path}: ${text}`);
    return JSON.parse(text) as T;
  }
}
