/**
 * The verifier in a real browser: a loopback server gives a page the module and the subjects, and
 * the page verifies them with WebCrypto. Nothing of Node takes part in a verdict.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { openBrowser, Tab } from '../acceptance/faces/browser.ts';
import type { Subject } from './row.ts';

const PAGE = '<!doctype html><meta charset="utf-8"><title>verifier</title>';
const ANSWERS_MS_MAX = 60_000;

/** What the page runs: the options as the command line makes them of the same arguments. */
const VERIFY_ALL = `async (names) => {
  const { verifyBundleAsync } = await import('/verifier.mjs');
  const verdicts = [];
  for (const name of names) {
    const bundle = await (await fetch('/bundle/' + name)).arrayBuffer();
    const { trust, now, maxAge, ...rest } = await (await fetch('/args/' + name)).json();
    const maxAgeNs = maxAge === undefined ? undefined : BigInt(maxAge) * 1000000000n;
    const options = { ...rest, now: BigInt(now), maxAgeNs };
    const bytes = new Uint8Array(bundle);
    verdicts.push(JSON.stringify(await verifyBundleAsync(bytes, trust, options)));
  }
  return verdicts;
}`;

export class PageVerifier {
  readonly #tab: Tab;
  readonly #subjects: Map<string, Subject>;

  private constructor(tab: Tab, subjects: Map<string, Subject>) {
    this.#tab = tab;
    this.#subjects = subjects;
  }

  /** `undefined` after the test has been skipped: there is no browser. */
  static async open(t: TestContext, module: string): Promise<PageVerifier | undefined> {
    const browser = await openBrowser(t);
    if (browser === undefined) return undefined;
    const subjects = new Map<string, Subject>();
    const server = await serve(module, subjects);
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const tab = await Tab.open(browser, `http://127.0.0.1:${port}`);
    await tab.go('/');
    return new PageVerifier(tab, subjects);
  }

  /** The verdicts as JSON text, in the order of the subjects. */
  async verdicts(subjects: Subject[]): Promise<string[]> {
    this.#subjects.clear();
    const names = subjects.map((subject, i) => {
      this.#subjects.set(String(i), subject);
      return String(i);
    });
    const { page } = this.#tab;
    page.setDefaultTimeout(ANSWERS_MS_MAX);
    const verdicts = await page.evaluate(`(${VERIFY_ALL})(${JSON.stringify(names)})`);
    this.#tab.assertSound();
    return verdicts as string[];
  }

  /** What the page says of itself. */
  async userAgent(): Promise<string> {
    return this.#tab.page.evaluate('navigator.userAgent');
  }
}

function serve(module: string, subjects: Map<string, Subject>): Promise<Server> {
  const server = createServer((request, response) => {
    const [, what, name = ''] = new URL(request.url!, 'http://localhost').pathname.split('/');
    const subject = subjects.get(name);
    const answer = (type: string, body: string | Buffer): void => {
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    if (what === '') answer('text/html', PAGE);
    else if (what === 'verifier.mjs') answer('text/javascript', module);
    else if (what === 'bundle' && subject) answer('application/octet-stream', subject.bundle);
    else if (what === 'args' && subject) answer('application/json', JSON.stringify(subject.args));
    else response.writeHead(404).end();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
