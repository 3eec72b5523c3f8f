/**
 * The system of points 2 and 3: connectors of every type at once, each with a destination that
 * shares no code with them: contract servers for what is for sale, and the real thing otherwise.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { durableQueue, Peer, TELEMETRY } from '../../interop/otelcol/peer.ts';
import { Authority } from '../../interop/rsyslog/certificates.ts';
import { Rsyslogd, rsyslogBinary } from '../../interop/rsyslog/rsyslogd.ts';
import { Broker, hasBroker } from '../../kafka/broker.ts';
import { Topics } from '../../kafka/topic.ts';
import { ElasticReceiver } from '../../receivers/elastic.ts';
import { FalconReceiver } from '../../receivers/falcon.ts';
import { SentinelReceiver } from '../../receivers/sentinel.ts';
import { declaredColumns, SENTINEL_STREAM } from '../../receivers/sentinel-rule.ts';
import { SplunkReceiver } from '../../receivers/splunk.ts';
import { makeToken } from '../path/api.ts';
import { quietPort, type RunFile, Stage } from '../path/collector-process.ts';
import { isGiven, works } from '../path/requirement.ts';
import { TrustedLog } from '../path/rfc6962.ts';
import { Endpoint } from './endpoint.ts';
import { Site } from './site.ts';

export const SPLUNK_INDEX = 'security';
export const ELASTIC_STREAM = 'logs-vitrine.alerts-default';
export const TOPIC = 'agent.alerts.v1';
export const SYSLOG = ['syslog-json', 'syslog-cef', 'syslog-leef'];
export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 'ground').toString('base64')}`;
const SPLUNK_TOKEN = '4a7d4e1c-splunk';
const FALCON_KEY = 'a-falcon-key';
const ENTRA = {
  tenant: 'contoso.example',
  clientId: '11111111-2222-3333-4444-555555555555',
  clientSecret: 'an-entra-secret',
};
const RULE = 'dcr-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a';
const ELASTIC_KEY = { id: 'key-id', secret: 'an-elastic-key', streams: [ELASTIC_STREAM] };
/** What some format or other has a meaning for. */
const HOSTILE = '|=\\^"]<é日';
/** Path of an OpenTelemetry Collector: only who names one asks for it. */
export const PEER = process.env.VITRINE_PEER;
/** Longer than a receiver is made to stand still before it is killed. */
const SETTLE_MS = 2_000;

export interface Ends {
  hook: Endpoint;
  splunk: SplunkReceiver;
  falcon: FalconReceiver;
  sentinel: SentinelReceiver;
  elastic: ElasticReceiver;
  /** Of the other collector. */
  otlp: RunFile;
  /** Address of the OpenTelemetry Collector before it. */
  peer: string | undefined;
  rsyslog: Rsyslogd | undefined;
  broker: Broker | undefined;
  topics: Topics | undefined;
}

export class Ground {
  readonly site: Site;
  readonly ends: Ends;
  raised = 0;
  #trust: TrustedLog | undefined;

  private constructor(site: Site, ends: Ends) {
    this.site = site;
    this.ends = ends;
  }

  /** Everything runs, and every connector is configured whose destination can be here. */
  static async open(t: TestContext): Promise<Ground> {
    const stage = new Stage(t);
    const ends = await openEnds(t, stage);
    const ground = new Ground(new Site(stage), ends);
    const authority = join(stage.dir, 'soc.ca.pem');
    const token = await makeToken(ends.otlp, join(stage.dir, 'other'), 'ingest');
    ends.peer = PEER && (await openPeer(PEER, stage, ends.otlp, token));
    const sections = sectionsFor(ends, {
      secret: (name, value) => ground.setSecret(name, value),
      authority,
      token,
    });
    await ground.site.start(sections);
    ground.#trust = new TrustedLog(await ground.site.trust());
    return ground;
  }

  get trust(): TrustedLog {
    return this.#trust!;
  }

  setSecret(name: string, value: string): { file: string } {
    const file = join(this.site.stage.dir, `${name}.secret`);
    writeFileSync(file, value);
    return { file };
  }

  /** Alerts `first` to `first + count - 1` of these sessions in turn, in one request. */
  async raise(count: number, sessions: string[]): Promise<void> {
    const raised = Array.from({ length: count }, (_, i) => ({
      mark: `ground-${this.raised + i}${HOSTILE}`,
      session: sessions[i % sessions.length]!,
    }));
    this.raised += count;
    await this.site.raise(...raised);
  }

  /** The key of Falcon, right or not. */
  setFalconKey(isRight: boolean): void {
    this.setSecret('falcon', isRight ? FALCON_KEY : 'no-key-of-theirs');
  }
}

async function openEnds(t: TestContext, stage: Stage): Promise<Ends> {
  const columns = declaredColumns();
  const tokens = { [SPLUNK_TOKEN]: { indexes: [SPLUNK_INDEX], ack: true } };
  const [hook, splunk, falcon, sentinel, elastic, otlp, rsyslog, broker] = await Promise.all([
    Endpoint.open(),
    SplunkReceiver.start({ tokens, pollsUntilIndexed: 0 }),
    FalconReceiver.start({ key: FALCON_KEY }),
    SentinelReceiver.start({ ...ENTRA, rule: RULE, streams: { [SENTINEL_STREAM]: columns } }),
    ElasticReceiver.start({ key: ELASTIC_KEY }),
    openOther(stage),
    openRsyslog(stage),
    openBroker(t),
  ]);
  for (const end of [hook, splunk, falcon, sentinel, elastic]) stage.atEnd(() => end.close());
  if (rsyslog !== undefined) stage.atEnd(() => rsyslog.kill());
  if (broker !== undefined) stage.atEnd(() => broker.remove());
  const topics = broker && (await Topics.of(broker));
  if (topics !== undefined) {
    stage.atEnd(() => topics.close());
    await topics.make(TOPIC);
  }
  return {
    hook,
    splunk,
    falcon,
    sentinel,
    elastic,
    otlp,
    peer: undefined,
    rsyslog,
    broker,
    topics,
  };
}

/** A collector of ours, with nothing in common with the first but its code. */
async function openOther(stage: Stage): Promise<RunFile> {
  const data = join(stage.dir, 'other');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(join(data, 'vitrine.yaml'), 'listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  return await stage.launch({ data }).ready();
}

/** An OpenTelemetry Collector that hands everything on to the other one, one by one. */
async function openPeer(
  binary: string,
  stage: Stage,
  { otlp_http: endpoint }: RunFile,
  token: string,
): Promise<string> {
  const port = await quietPort();
  const dir = join(stage.dir, 'peer');
  const storage = 'file_storage/queue';
  const sending_queue = { storage, block_on_overflow: true, num_consumers: 1 };
  const headers = { authorization: `Bearer ${token}` };
  const peer = await Peer.start(binary, dir, {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { otlp_http: { endpoint, headers, sending_queue } },
    extensions: { [storage]: durableQueue(join(dir, 'queue')) },
    service: {
      extensions: [storage],
      pipelines: { logs: { receivers: ['otlp'], exporters: ['otlp_http'] } },
      telemetry: TELEMETRY,
    },
  });
  stage.atEnd(() => peer.end('SIGKILL'));
  return `http://127.0.0.1:${port}`;
}

async function openRsyslog(stage: Stage): Promise<Rsyslogd | undefined> {
  if (rsyslogBinary() === undefined || !works('openssl', 'version')) return undefined;
  const certificate = new Authority(stage.dir, 'soc').issue('server', 'localhost');
  const dir = join(stage.dir, 'rsyslog');
  mkdirSync(dir);
  return await Rsyslogd.start({ dir, certificate });
}

async function openBroker(t: TestContext): Promise<Broker | undefined> {
  // The part that needs it is skipped, and not the whole.
  const whole = { skip: (why: string) => t.diagnostic(why) } as unknown as TestContext;
  return hasBroker(whole) ? await Broker.start() : undefined;
}

interface Given {
  secret(name: string, value: string): { file: string };
  authority: string;
  token: string;
}

function sectionsFor(ends: Ends, { secret, authority, token }: Given): Record<string, object> {
  const { hook, splunk, falcon, sentinel, elastic, otlp, peer, rsyslog, broker } = ends;
  const sections: Record<string, object> = {
    hook: { type: 'webhook', url: hook.url('/'), secret: secret('hook', WEBHOOK_SECRET) },
    splunk: {
      ...{ type: 'splunk-hec', url: splunk.url, index: SPLUNK_INDEX, ack: true },
      token: secret('splunk', SPLUNK_TOKEN),
    },
    falcon: {
      ...{ type: 'falcon', url: `${falcon.url}/services/collector` },
      key: secret('falcon', FALCON_KEY),
    },
    sentinel: {
      ...{ type: 'sentinel', tenant: ENTRA.tenant, client_id: ENTRA.clientId, rule: RULE },
      ...{ endpoint: sentinel.url, authority: sentinel.url },
      client_secret: secret('sentinel', ENTRA.clientSecret),
    },
    elastic: {
      ...{ type: 'elastic', url: elastic.url },
      api_key: secret('elastic', `${ELASTIC_KEY.id}:${ELASTIC_KEY.secret}`),
    },
    otlp: { type: 'otlp', url: otlp.otlp_http, token: secret('otlp', token) },
  };
  if (peer !== undefined) sections.peer = { type: 'otlp', url: peer, dialect: 'ecs' };
  if (rsyslog !== undefined) {
    const { tls, udp } = rsyslog.ports;
    const secure = { host: '127.0.0.1', server_name: 'localhost', port: tls, ca_file: authority };
    for (const name of SYSLOG) {
      const payload = name.replace('syslog-', '');
      sections[name] = { type: 'syslog', ...secure, payload, settle_ms: SETTLE_MS };
    }
    const lossy = { host: '127.0.0.1', port: udp, transport: 'udp', payload: 'json' };
    sections['syslog-udp'] = { type: 'syslog', ...lossy, hostname: 'lossy.example' };
  }
  if (broker !== undefined) {
    const brokers = [`127.0.0.1:${broker.ports.plain}`];
    sections.kafka = { type: 'kafka', brokers, topic: TOPIC, tls: false };
  }
  const common = { allow: ['loopback'], start: 'beginning' };
  return Object.fromEntries(
    Object.entries(sections).map(([name, own]) => [name, { ...own, ...common }]),
  );
}

export function needsRsyslog(t: TestContext, { ends }: Ground): boolean {
  const without = 'rsyslogd is not here: packages rsyslog and rsyslog-openssl have it';
  return isGiven(t, ends.rsyslog !== undefined, without);
}

export function needsBroker(t: TestContext, { ends }: Ground): boolean {
  return isGiven(t, ends.broker !== undefined, 'no Kafka broker: .ci/kafka brings one');
}
