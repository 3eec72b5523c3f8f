/** The system of point 1: its destinations, their certificates, and secrets to look for later. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Authority, type Certificate } from '../../interop/rsyslog/certificates.ts';
import { Stage } from '../path/collector-process.ts';
import { until } from '../path/until.ts';
import { type Came, Endpoint, type Said, TunnelProxy } from './endpoint.ts';
import { type Raised, Site } from './site.ts';

const COMES_MS_MAX = 30_000;
/** Alerts that are raised at once in the beginning. */
export const OPENING = 20;

interface Alert {
  id: string;
  index: number;
  subject: string;
  mark: string;
}

interface Letter {
  id: string;
  reason: string;
}

export class KitCase {
  readonly site: Site;
  /** Secrets by the file that has them. */
  readonly canaries: Record<string, string>;
  readonly certificates: Certificates;
  readonly ends: Ends;
  raised = 0;
  #sections: Record<string, object> = {};

  private constructor(stage: Stage, certificates: Certificates, ends: Ends) {
    this.site = new Site(stage);
    this.certificates = certificates;
    this.ends = ends;
    this.canaries = makeCanaries(ends.proxy.address, ends.echo.url('/hidden'));
    mkdirSync(join(stage.data, 'secrets'), { mode: 0o700 });
    for (const [name, secret] of Object.entries(this.canaries)) {
      writeFileSync(this.secretFile(name), secret);
    }
    writeFileSync(this.secretFile('locked'), this.canaries.steady!);
    ends.proxy.password = new URL(this.canaries.tunnel!).password;
    ends.echo.answer = (came) => saysBack(came, this.canaries.fetched!);
    // Never asked: a proxy would be, by many programs.
    const unasked = ends.shut.url('');
    Object.assign(stage.env, { HTTPS_PROXY: unasked, HTTP_PROXY: unasked, ALL_PROXY: unasked });
  }

  /** A system that runs and has raised `OPENING` alerts. */
  static async open(t: TestContext): Promise<KitCase> {
    const stage = new Stage(t);
    const certificates = makeCertificates(stage.dir);
    const ends = await openEnds(stage, certificates);
    const kit = new KitCase(stage, certificates, ends);
    await kit.restart(kit.#first());
    const marks = Array.from({ length: OPENING }, (_, i) => `opening-${i}`);
    await kit.raise(...marks.map((mark, i) => ({ mark, session: `opening-${i % 4}` })));
    return kit;
  }

  get desk(): Endpoint {
    return this.ends.desk;
  }

  get names(): string[] {
    return Object.keys(this.#sections);
  }

  secretFile(name: string): string {
    return join(this.site.data, 'secrets', name);
  }

  /** With these connectors beside those it had. */
  async restart(more: Record<string, object>): Promise<void> {
    this.#sections = { ...this.#sections, ...more };
    await this.site.start(this.#sections);
  }

  /** A webhook to the desk. */
  section(path: string, start: string, more: object = {}): object {
    return { ...this.#webhook(this.desk.url(path), 'steady'), start, ...more };
  }

  async raise(...raised: Raised[]): Promise<void> {
    this.raised += raised.length;
    await this.site.raise(...raised);
  }

  alertOf({ body }: { body: string }): Alert {
    const { data } = JSON.parse(body) as { data: Alert & { what: string } };
    const mark = /^\/ledger\/control-(\S+) was/.exec(data.what)?.[1] ?? '';
    return { id: data.id, index: data.index, subject: data.subject, mark };
  }

  comes(path: string, mark: string): Came[] {
    return this.desk.at(path).filter((came) => this.alertOf(came).mark === mark);
  }

  arrivals(path: string, mark: string, count: number): Promise<Came[]> {
    return until(`${mark} at ${path}, ${count} times`, COMES_MS_MAX, () => {
      const comes = this.comes(path, mark);
      return comes.length >= count ? comes : undefined;
    });
  }

  /** All that was raised so far is at an end. */
  async allAt(end: Endpoint, path: string): Promise<Came[]> {
    const all = await this.site.alerts(this.raised);
    await until(
      `all at ${path}`,
      COMES_MS_MAX,
      () => end.at(path).length >= all.length || undefined,
    );
    assert.deepEqual(this.idsOf(end.at(path)), all.map(({ id }) => id).sort());
    return end.at(path);
  }

  /** Sorted, each once. */
  idsOf(came: Came[]): string[] {
    return [...new Set(came.map((one) => this.alertOf(one).id))].sort();
  }

  marksOf(came: Came[]): string[] {
    return came.map((one) => this.alertOf(one).mark);
  }

  async deadLetters(name: string): Promise<Letter[]> {
    return (await this.site.get<{ items: Letter[] }>(`/v1/connectors/${name}/dead-letters`)).items;
  }

  #webhook(url: string, secret: string): object {
    const file = this.secretFile(secret);
    return { type: 'webhook', url, secret: { file }, allow: ['loopback'], start: 'beginning' };
  }

  #first(): Record<string, object> {
    const { desk, shut, safe, stale, mutual } = this.ends;
    const { self, authority, client } = this.certificates;
    const hook = (url: string, more: object = {}) => ({ ...this.#webhook(url, 'steady'), ...more });
    const soc = { ca_file: authority.cert };
    return {
      steady: hook(desk.url('/steady')),
      locked: { ...this.#webhook(desk.url('/locked'), 'locked') },
      'shut-number': hook(shut.url('/'), { allow: [] }),
      'shut-name': hook(shut.url('/', 'localhost'), { allow: [] }),
      'shut-mapped': hook(shut.url('/', '[::ffff:127.0.0.1]'), { allow: ['private'] }),
      strict: hook(safe.url('/strict')),
      trusted: hook(safe.url('/trusted'), { ca_file: self.cert }),
      tunnel: hook(safe.url('/tunnel'), {
        ca_file: self.cert,
        proxy: { file: this.secretFile('tunnel') },
      }),
      expired: hook(stale.url('/expired'), soc),
      bare: hook(mutual.url('/bare'), soc),
      mutual: hook(mutual.url('/mutual'), {
        ...soc,
        cert_file: client.cert,
        key_file: client.key,
      }),
      ...this.#talkative(),
    };
  }

  /** Their destination says back everything that it heard. */
  #talkative(): Record<string, object> {
    const { echo } = this.ends;
    const file = (name: string) => ({ file: this.secretFile(name) });
    const common = { allow: ['loopback'], start: 'beginning' };
    const hidden = { type: 'webhook', url: file('hidden'), secret: file('steady') };
    const sentinel = {
      ...{ tenant: 'contoso.example', client_id: '11111111-2222-3333-4444-555555555555' },
      ...{ client_secret: file('sentinel'), endpoint: echo.url(''), authority: echo.url('') },
      rule: 'dcr-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a',
    };
    return {
      hidden: { ...hidden, ...common },
      hec: { type: 'splunk-hec', url: echo.url('/hec'), token: file('hec'), ...common },
      falcon: { type: 'falcon', url: echo.url('/falcon'), key: file('falcon'), ...common },
      elastic: { type: 'elastic', url: echo.url('/es'), api_key: file('elastic'), ...common },
      sentinel: { type: 'sentinel', ...sentinel, ...common },
      otlp: {
        ...{ type: 'otlp', url: echo.url('/otlp'), token: file('otlp'), compression: 'none' },
        ...{ headers: { 'x-key': file('header') }, ...common },
      },
    };
  }
}

/** Every refusal there is, with all that was said in it. */
function saysBack({ path, headers, body }: Omit<Came, 'status'>, token: string): Said {
  const said = JSON.stringify({ path, headers, body });
  if (path.endsWith('/token')) {
    const given = { token_type: 'Bearer', expires_in: 3_599, access_token: token };
    return { status: 200, body: JSON.stringify({ ...given, error_description: said }) };
  }
  const [, first] = path.split('/');
  const statuses: Record<string, number> = { hidden: 413, hec: 503, falcon: 401, es: 400 };
  return { status: statuses[first!] ?? (first === 'otlp' ? 422 : 403), body: said };
}

/** What is not random says to which end it belongs; the characters are ones that get escaped. */
function makeCanaries(proxy: string, hidden: string): Record<string, string> {
  const word = (name: string) => `cnry-${name}-${randomBytes(12).toString('hex')}`;
  const signing = () => `whsec_${randomBytes(32).toString('base64')}`;
  return {
    steady: signing(),
    locked: signing(),
    hidden: `${hidden}/${word('url')}`,
    tunnel: `http://soc:${word('proxy')}@${proxy}`,
    hec: word('hec'),
    falcon: word('falcon'),
    elastic: `${word('id')}:${word('elastic')}`,
    sentinel: `${word('sentinel')}~+&/%"`,
    otlp: word('otlp'),
    header: word('header'),
    /** Nobody's setting: what the token endpoint gives out. */
    fetched: word('fetched'),
  };
}

interface Certificates {
  authority: Authority;
  server: Certificate;
  expired: Certificate;
  client: Certificate;
  /** Signed by itself. */
  self: Certificate;
}

function makeCertificates(dir: string): Certificates {
  const authority = new Authority(dir, 'soc');
  const [cert, key] = [join(dir, 'self.pem'), join(dir, 'self.key')];
  const names = ['-subj', '/CN=self', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const args = ['req', '-x509', ...made, ...names, '-out', cert, '-keyout', key];
  assert.equal(spawnSync('openssl', args).status, 0);
  return {
    authority,
    server: authority.issue('server', 'localhost'),
    expired: authority.issue('expired', 'localhost', { expired: true }),
    client: authority.issue('client', 'collector'),
    self: { cert, key },
  };
}

interface Ends {
  desk: Endpoint;
  /** Nobody is allowed to connect to it. */
  shut: Endpoint;
  safe: Endpoint;
  stale: Endpoint;
  mutual: Endpoint;
  echo: Endpoint;
  proxy: TunnelProxy;
}

async function openEnds(stage: Stage, certificates: Certificates): Promise<Ends> {
  const { self, expired, server, authority } = certificates;
  const [desk, shut, echo] = [await Endpoint.open(), await Endpoint.open(), await Endpoint.open()];
  const [safe, stale] = await Promise.all(
    [self, expired].map((certificate) => Endpoint.open({ certificate })),
  );
  const mutual = await Endpoint.open({ certificate: server, clients: authority.cert });
  const proxy = await TunnelProxy.open();
  const ends = { desk, shut, echo, safe: safe!, stale: stale!, mutual, proxy };
  for (const end of Object.values(ends)) stage.atEnd(() => end.close());
  return ends;
}
