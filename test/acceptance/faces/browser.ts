/**
 * A real browser, driven by what a person sees: roles, names, keys. Everything a page complains
 * about, asks for or does behind the reader's back is kept.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { isGiven } from '../path/requirement.ts';
import { findChromium } from './chromium.ts';

const DESKTOP = { width: 1280, height: 800 };
/** On two cores that other work shares. */
const ACTION_MS_MAX = 20_000;

/** `undefined` after the test has been skipped: there is no browser on this machine. */
export async function openBrowser(
  t: TestContext,
  args: string[] = [],
): Promise<Browser | undefined> {
  const path = findChromium();
  const without = 'there is no browser: install chromium, or name one in CHROMIUM_PATH';
  if (!isGiven(t, path !== undefined, without)) return undefined;
  // Containers that run tests as root give the browser no sandbox of its own.
  const browser = await chromium.launch({
    executablePath: path!,
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
  });
  t.after(() => browser.close());
  return browser;
}

export interface TabOptions {
  width?: number;
  height?: number;
  colorScheme?: 'dark' | 'light';
}

/** One page of a browser with cookies of its own. */
export class Tab {
  readonly page: Page;
  readonly base: string;
  /** Addresses that were asked for, without the origin where it is the dashboard's. */
  readonly requested: string[] = [];
  /** Bytes of the bodies of answers of `/api/`. */
  apiBytes = 0;
  /** What no page may do: throw, open a dialog, ask another host. */
  readonly faults: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page, base: string) {
    this.#context = context;
    this.page = page;
    this.base = base;
  }

  static async open(browser: Browser, base: string, options: TabOptions = {}): Promise<Tab> {
    const { width, height, colorScheme } = { ...DESKTOP, ...options };
    const context = await browser.newContext({
      viewport: { width, height },
      ...(colorScheme === undefined ? {} : { colorScheme }),
      acceptDownloads: true,
    });
    context.setDefaultTimeout(ACTION_MS_MAX);
    const tab = new Tab(context, await context.newPage(), base);
    tab.#listen();
    return tab;
  }

  /** Another page of the same person: with the same cookies and storage. */
  async another(): Promise<Tab> {
    const tab = new Tab(this.#context, await this.#context.newPage(), this.base);
    tab.#listen();
    return tab;
  }

  async go(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.base).href);
  }

  /** Ends it, and with it what it asked for. */
  async close(): Promise<void> {
    await this.#context.close();
  }

  /** Nothing went wrong behind the reader's back so far. */
  assertSound(): void {
    assert.deepEqual(this.faults, []);
  }

  #listen(): void {
    const { page } = this;
    page.on('pageerror', (error) => this.faults.push(`threw ${error.message}`));
    page.on('dialog', (dialog) => {
      this.faults.push(`opened a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      const isOwn = url.origin === new URL(this.base).origin;
      this.requested.push(isOwn ? url.pathname + url.search : url.href);
      if (!isOwn && /^(https?|wss?):$/.test(url.protocol)) {
        this.faults.push(`asked ${url.origin}`);
      }
    });
    page.on('response', (response) => {
      if (!new URL(response.url()).pathname.startsWith('/api/')) return;
      // A live answer has no end to wait for.
      if (response.headers()['content-type']?.startsWith('text/event-stream')) return;
      response.body().then(
        (body) => {
          this.apiBytes += body.length;
        },
        () => {},
      );
    });
  }
}
