/** The Elastic connector against a server made from Elastic's documents. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { encodeElastic } from '../../connectors/elastic/encode.ts';
import { elastic } from '../../connectors/elastic/index.ts';
import { QUICK } from '../../connectors/kit/conformance/bench.ts';
import { sampleAlerts } from '../../connectors/kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../../connectors/kit/contract.ts';
import type { ConfiguredConnector } from '../../connectors/kit/define.ts';
import { selfTest } from '../../connectors/kit/self-test.ts';
import { type ElasticOptions, ElasticReceiver } from '../receivers/elastic.ts';
import { type Started, start, until } from './bench.ts';

const STREAM = 'logs-vitrine.alerts-default';
const KEY = { id: 'VuaCfGcBCdbkQm', secret: 'ui2lp2axTNmsyakw9tvNnw', streams: [STREAM] };

interface Scene extends Started {
  server: ElasticReceiver;
  alerts: DeliverableAlert[];
}

interface SceneOptions {
  /** Sessions that the alerts are about, in order. */
  subjects?: string[];
  alerts?: DeliverableAlert[];
  server?: ElasticReceiver;
  options?: Partial<ElasticOptions>;
  namespace?: string;
  secret?: string;
  connector?: (made: ConfiguredConnector) => ConfiguredConnector;
  before?: (server: ElasticReceiver) => void;
}

const SUBJECTS = Array.from({ length: 8 }, (_, i) => `s${i}`);

async function serve(
  t: TestContext,
  options: Partial<ElasticOptions> = {},
): Promise<ElasticReceiver> {
  const server = await ElasticReceiver.start({ key: KEY, ...options });
  t.after(() => server.close());
  return server;
}

function configured(server: ElasticReceiver, namespace: string) {
  return elastic.configure('siem', {
    url: server.url,
    api_key: { env: 'API_KEY' },
    namespace,
    allow: ['loopback'],
    start: 'beginning',
  });
}

async function scene(t: TestContext, given: SceneOptions = {}): Promise<Scene> {
  const { subjects = SUBJECTS, namespace = 'default', secret = KEY.secret, before } = given;
  const server = given.server ?? (await serve(t, given.options));
  before?.(server);
  const alerts = given.alerts ?? sampleAlerts(subjects.map((subject) => ({ subject })));
  const made = configured(server, namespace);
  const environment = { API_KEY: `${KEY.id}:${secret}` };
  const connector = given.connector?.(made) ?? made;
  return { ...(await start(t, connector, alerts, { environment })), server, alerts };
}

const stored = ({ server }: Scene) => server.documents.get(STREAM) ?? [];
const idsIn = (made: Scene): string[] => stored(made).map(({ id }) => id);
const settled = ({ delivery }: Scene): Promise<void> => {
  return until('all are settled', () => delivery.status().lag === 0);
};

function documentOf(alert: DeliverableAlert): unknown {
  return JSON.parse(encodeElastic(alert, { namespace: 'default' }).toString().split('\n')[1]!);
}

/** Every alert is stored once, whole; nothing was given up. */
function assertAllThere(made: Scene): void {
  const { alerts, delivery } = made;
  const documents = new Map(stored(made).map(({ id, document }) => [id, document]));
  assert.equal(stored(made).length, alerts.length);
  for (const alert of alerts) assert.deepEqual(documents.get(alert.id), documentOf(alert));
  const { delivered, dead } = delivery.status();
  assert.deepEqual({ delivered, dead }, { delivered: alerts.length, dead: 0 });
}

/** A document of this alert that no mapping takes: it has no time. */
function withoutTime(bad: DeliverableAlert) {
  return (made: ConfiguredConnector): ConfiguredConnector => ({
    ...made,
    encode(alert) {
      if (alert.id !== bad.id) return made.encode(alert);
      return Buffer.from(`{"create":{"_id":"${alert.id}"}}\n{"message":"no time"}`);
    },
  });
}

describe('Elasticsearch has every alert', () => {
  it('in few requests, each once, and in order within a session', async (t) => {
    const subjects = Array.from({ length: 40 }, (_, i) => `s${i % 8}`);
    const made = await scene(t, { subjects });
    await settled(made);
    assertAllThere(made);
    assert.ok(made.server.calls.length < 40, `${made.server.calls.length} requests`);
    for (const subject of SUBJECTS) {
      const own = made.alerts.filter(({ record }) => record.subject === subject);
      const ids = new Set(own.map(({ id }) => id));
      assert.deepEqual(
        idsIn(made).filter((id) => ids.has(id)),
        own.map(({ id }) => id),
      );
    }
  });

  it('when a 200 hides that every other document was turned away', async (t) => {
    const before = (server: ElasticReceiver): void =>
      server.play({ kind: 'partial' }, { times: 3 });
    const made = await scene(t, { before });
    await settled(made);
    assertAllThere(made);
  });

  it('when it had them already: a conflict is a success', async (t) => {
    const first = await scene(t);
    await settled(first);
    const again = await scene(t, { server: first.server, alerts: first.alerts });
    await settled(again);
    assertAllThere(again);
  });

  it('when answers are lost: a repeat is no second document', async (t) => {
    const before = (server: ElasticReceiver): void => {
      server.play({ kind: 'reset', kept: true }, { times: 2 });
      server.play({ kind: 'refuse', status: 429 });
    };
    const made = await scene(t, { before });
    await settled(made);
    assertAllThere(made);
  });

  it('when it takes small bodies only: they are halved', async (t) => {
    const made = await scene(t, { options: { bodyBytesMax: 2_500 } });
    await settled(made);
    assertAllThere(made);
  });
});

describe('Elasticsearch refuses one document', () => {
  /** Of one request: created, there already, too busy, and no document. */
  it('among created, known and postponed ones, and that one alone is given up', async (t) => {
    const server = await serve(t);
    const alerts = sampleAlerts(SUBJECTS.map((subject) => ({ subject })));
    const known = await scene(t, { server, alerts: alerts.slice(0, 2) });
    await settled(known);
    const bad = alerts[4]!;
    server.play({ kind: 'partial' });
    const made = await scene(t, { server, alerts, connector: withoutTime(bad) });
    await settled(made);
    const { delivered, dead } = made.delivery.status();
    assert.deepEqual({ delivered, dead }, { delivered: 7, dead: 1 });
    const [letter] = made.delivery.deadLetters();
    assert.equal(letter!.id, bad.id);
    assert.match(letter!.reason, /document_parsing_exception/);
    const wanted = alerts.filter(({ id }) => id !== bad.id).map(({ id }) => id);
    assert.deepEqual(idsIn(made).toSorted(), wanted.toSorted());
  });

  it('and hides it in the failure store: it is a dead letter, not a delivery', async (t) => {
    const alerts = sampleAlerts(SUBJECTS.map((subject) => ({ subject })));
    const bad = alerts[3]!;
    const options = { failureStore: true };
    const made = await scene(t, { alerts, options, connector: withoutTime(bad) });
    await settled(made);
    assert.deepEqual(
      made.server.failures.map(({ id }) => id),
      [bad.id],
    );
    assert.equal(made.delivery.status().dead, 1);
    const [letter] = made.delivery.deadLetters();
    assert.equal(letter!.id, bad.id);
    assert.match(letter!.reason, /failure store/);
    assert.equal(stored(made).length, 7);
  });

  it('and with it the whole request: the others get through', async (t) => {
    const alerts = sampleAlerts(SUBJECTS.map((subject) => ({ subject })));
    const bad = alerts[5]!;
    const tooLong = (made: ConfiguredConnector): ConfiguredConnector => ({
      ...made,
      encode(alert) {
        if (alert.id !== bad.id) return made.encode(alert);
        return Buffer.from(`{"create":{"_id":"${'x'.repeat(513)}"}}\n{"message":"${alert.id}"}`);
      },
    });
    const made = await scene(t, { alerts, connector: tooLong });
    await settled(made);
    assert.deepEqual(
      made.delivery.deadLetters().map(({ id }) => id),
      [bad.id],
    );
    assert.equal(stored(made).length, 7);
  });
});

describe('a self-test with Elasticsearch', () => {
  const tested = async (t: TestContext, namespace: string) => {
    const server = await serve(t);
    const connector = configured(server, namespace);
    const environment = { API_KEY: `${KEY.id}:${KEY.secret}` };
    return { server, report: await selfTest('siem', connector, { environment, timing: QUICK }) };
  };

  it('leaves a document that says it is one', async (t) => {
    const { server, report } = await tested(t, 'default');
    assert.equal(report.ok, true);
    const [first] = server.documents.get(STREAM)!;
    assert.equal(first!.id, report.alert);
    assert.partialDeepStrictEqual(first!.document, {
      rule: { id: 'SELFTEST' },
      vitrine: { test: true },
    });
  });

  it('says what is hidden in a 200', async (t) => {
    const { report } = await tested(t, 'lab');
    assert.equal(report.ok, false);
    assert.match(report.steps.at(-1)!.detail, /security_exception.*create_doc/);
  });
});

describe('Elasticsearch refuses everything, and nothing is lost', () => {
  const paused = async (made: Scene, says: RegExp): Promise<void> => {
    await until('it is paused', () => made.delivery.status().state === 'paused');
    const { lastError, dead } = made.delivery.status();
    assert.match(String(lastError), says);
    assert.equal(dead, 0);
    assert.equal(stored(made).length, 0);
  };

  it('a key that is wrong', async (t) => {
    const made = await scene(t, { secret: 'another-canary' });
    await paused(made, /HTTP 401: check the credentials/);
    assert.ok(!JSON.stringify([made.delivery.status(), made.lines]).includes('another-canary'));
  });

  it('a key that may not write to this stream, hidden in a 200', async (t) => {
    const made = await scene(t, { namespace: 'lab' });
    await paused(made, /item 403: security_exception.*create_doc/);
  });
});
