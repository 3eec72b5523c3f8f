/** The Sentinel connector against a server made from Microsoft's documents. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { JsonObject } from '@vitrine/schema';
import { QUICK } from '../../connectors/kit/conformance/bench.ts';
import { sampleAlerts } from '../../connectors/kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../../connectors/kit/contract.ts';
import { selfTest } from '../../connectors/kit/self-test.ts';
import { encodeSentinel } from '../../connectors/sentinel/encode.ts';
import { sentinel } from '../../connectors/sentinel/index.ts';
import { type SentinelOptions, SentinelReceiver } from '../receivers/sentinel.ts';
import { declaredColumns, SENTINEL_STREAM as STREAM } from '../receivers/sentinel-rule.ts';
import { type Started, start, until } from './bench.ts';

const UPLOADS = { path: '/streams/' };
const TOKENS = { path: '/token' };
const SECRET = 'q8~app.secret';
const CLIENT = '11111111-2222-3333-4444-555555555555';

/** What the ready template declares: the server drops everything else without a word. */
const DECLARED = declaredColumns();
const OPTIONS: SentinelOptions = {
  tenant: 'contoso.example',
  clientId: CLIENT,
  clientSecret: SECRET,
  rule: `dcr-${'0a'.repeat(16)}`,
  streams: { [STREAM]: DECLARED },
};

interface Scene extends Started {
  server: SentinelReceiver;
  alerts: DeliverableAlert[];
}

interface SceneOptions {
  alerts?: number;
  server?: Partial<SentinelOptions>;
  secret?: string;
  /** Before the connector starts. */
  before?: (server: SentinelReceiver) => void;
}

function configured(server: SentinelReceiver) {
  return sentinel.configure('siem', {
    tenant: OPTIONS.tenant,
    client_id: CLIENT,
    client_secret: { env: 'CLIENT_SECRET' },
    endpoint: server.url,
    authority: server.url,
    rule: OPTIONS.rule,
    allow: ['loopback'],
    start: 'beginning',
  });
}

async function scene(
  t: TestContext,
  { alerts: count = 6, server: options, secret = SECRET, before }: SceneOptions = {},
): Promise<Scene> {
  const server = await SentinelReceiver.start({ ...OPTIONS, ...options });
  t.after(() => server.close());
  before?.(server);
  const alerts = sampleAlerts(Array.from({ length: count }, (_, i) => ({ subject: `s${i % 4}` })));
  const environment = { CLIENT_SECRET: secret };
  return { ...(await start(t, configured(server), alerts, { environment })), server, alerts };
}

const rowsOf = ({ server }: Scene): JsonObject[] => (server.rows.get(STREAM) ?? []) as JsonObject[];
const uploads = ({ server }: Scene) =>
  server.calls.filter(({ path }) => path.includes('/streams/'));
const delivered = (made: Scene, count = made.alerts.length): Promise<void> => {
  return until('all are delivered', () => made.delivery.status().delivered === count);
};

/** Every alert is in the table, whole; nothing was given up. */
function assertAllThere(made: Scene): void {
  const wanted = new Map(made.alerts.map((alert) => [alert.id, encodeSentinel(alert).toString()]));
  for (const row of rowsOf(made)) assert.deepEqual(row, JSON.parse(wanted.get(`${row.AlertId}`)!));
  const ids = new Set(rowsOf(made).map(({ AlertId }) => AlertId));
  assert.deepEqual(ids, new Set(wanted.keys()));
  assert.equal(made.delivery.status().dead, 0);
}

describe('Sentinel has every alert', () => {
  it('in few calls, each once, in order within a session, with one token', async (t) => {
    const made = await scene(t, { alerts: 40 });
    await delivered(made);
    assertAllThere(made);
    assert.equal(rowsOf(made).length, 40);
    assert.ok(uploads(made).length < 20, `${uploads(made).length} calls`);
    assert.equal(made.server.tokens.issued, 1);
    for (const session of ['s0', 's1', 's2', 's3']) {
      const places = rowsOf(made).flatMap((row) => {
        return row.SessionId === session ? [Number(row.LeafIndex)] : [];
      });
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      );
    }
  });

  it('when the token ends in the middle: another is asked for, once', async (t) => {
    const made = await scene(t, {
      before: (server) => server.play({ kind: 'refuse', status: 401 }, UPLOADS),
    });
    await delivered(made);
    assertAllThere(made);
    assert.equal(made.server.tokens.issued, 2);
    assert.ok(!made.lines.some((line) => /paused/.test(line)), made.lines.join('\n'));
  });

  it('when all tokens are revoked while it runs', async (t) => {
    const made = await scene(t);
    await delivered(made);
    made.server.tokens.revokeAll();
    const [next] = sampleAlerts([...Array(7).keys()].map((i) => ({ subject: `s${i}` }))).slice(-1);
    made.alerts.push(next!);
    made.delivery.wake();
    await delivered(made, 7);
    assert.equal(made.server.tokens.issued, 2);
  });

  it('when a call was too large: it is halved', async (t) => {
    const made = await scene(t, {
      before: (server) => server.play({ kind: 'refuse', status: 413 }, UPLOADS),
    });
    await delivered(made);
    assertAllThere(made);
    const [whole, ...halves] = uploads(made).map(({ sent }) => {
      return (JSON.parse(gunzipSync(sent).toString('utf8')) as unknown[]).length;
    });
    assert.ok(whole! > 1 && halves.every((rows) => rows < whole!), `${whole}, ${halves}`);
  });

  it('when a call was refused whole, and each half was in order', async (t) => {
    const made = await scene(t, {
      before: (server) => server.play({ kind: 'refuse', status: 400 }, UPLOADS),
    });
    await delivered(made);
    assertAllThere(made);
  });

  it('when it asks for rest, and only after it', async (t) => {
    const before = (server: SentinelReceiver): void => {
      server.play({ kind: 'refuse', status: 429, retryAfter: '1' }, UPLOADS);
    };
    const since = performance.now();
    const made = await scene(t, { before });
    await delivered(made);
    assert.ok(performance.now() - since >= 999);
    assertAllThere(made);
  });

  it('when answers are lost: rows come twice, under the same AlertId', async (t) => {
    const made = await scene(t, {
      before: (server) => {
        server.play({ kind: 'reset', kept: true }, UPLOADS);
        server.play({ kind: 'refuse', status: 503 }, UPLOADS);
      },
    });
    await delivered(made);
    assertAllThere(made);
    assert.ok(rowsOf(made).length > made.alerts.length);
  });

  it('when Entra has trouble first', async (t) => {
    const made = await scene(t, {
      before: (server) => server.play({ kind: 'refuse', status: 503 }, { ...TOKENS, times: 2 }),
    });
    await delivered(made);
    assertAllThere(made);
    assert.equal(made.server.tokens.issued, 1);
  });
});

describe('Sentinel refuses, and nothing is lost', () => {
  const paused = ({ delivery }: Scene): Promise<void> => {
    return until('it is paused', () => delivery.status().state === 'paused');
  };

  it('without the role it pauses, says which, and goes on when the role is there', async (t) => {
    const before = (server: SentinelReceiver): void => {
      server.hasRole = false;
    };
    const made = await scene(t, { before });
    await paused(made);
    assert.match(String(made.delivery.status().lastError), /Monitoring Metrics Publisher/);
    made.server.hasRole = true;
    await delivered(made);
    assertAllThere(made);
  });

  it('with a wrong secret it pauses in the words of Entra, which it never repeats', async (t) => {
    const made = await scene(t, { secret: 'another-canary' });
    await paused(made);
    const { lastError, dead } = made.delivery.status();
    assert.match(String(lastError), /AADSTS7000215/);
    assert.equal(dead, 0);
    assert.equal(uploads(made).length, 0);
    assert.ok(!`${lastError}${made.lines.join()}`.includes('another-canary'));
  });

  it('with tokens that are refused again and again it pauses', async (t) => {
    const made = await scene(t, {
      before: (server) => server.play({ kind: 'refuse', status: 401 }, { ...UPLOADS, times: 2 }),
    });
    await until('it was paused', () => made.lines.some((line) => /paused/.test(line)));
    await delivered(made);
    assertAllThere(made);
  });

  it('with another rule or stream it pauses: no alert is at fault', async (t) => {
    for (const server of [
      { rule: `dcr-${'0b'.repeat(16)}` },
      { streams: { 'Custom-Other': [] } },
    ]) {
      const made = await scene(t, { server });
      await paused(made);
      const { dead, lastError } = made.delivery.status();
      assert.equal(dead, 0);
      assert.match(String(lastError), /HTTP 40[04]: check (endpoint and rule|stream)/);
    }
  });
});

describe('a self-test with Sentinel', () => {
  const tested = async (t: TestContext, secret: string) => {
    const server = await SentinelReceiver.start(OPTIONS);
    t.after(() => server.close());
    const connector = configured(server);
    const environment = { CLIENT_SECRET: secret };
    return { server, report: await selfTest('siem', connector, { environment, timing: QUICK }) };
  };

  it('leaves a row that says it is one', async (t) => {
    const { server, report } = await tested(t, SECRET);
    assert.equal(report.ok, true);
    const [row] = server.rows.get(STREAM)!;
    const { AlertId, RuleId, IsTest } = row!;
    assert.deepEqual(
      { AlertId, RuleId, IsTest },
      { AlertId: report.alert, RuleId: 'SELFTEST', IsTest: true },
    );
  });

  it('says what Entra said', async (t) => {
    const { report } = await tested(t, 'another-canary');
    assert.equal(report.ok, false);
    assert.match(report.steps.at(-1)!.detail, /AADSTS7000215/);
    assert.ok(!JSON.stringify(report).includes('another-canary'));
  });
});

describe('what a 204 hides', () => {
  it('(a column that the rule does not declare vanishes: hence its template)', async (t) => {
    const columns = DECLARED.filter((name) => name !== 'Proof');
    const made = await scene(t, { server: { streams: { [STREAM]: columns } } });
    await delivered(made);
    assert.equal(rowsOf(made).length, made.alerts.length);
    for (const row of rowsOf(made)) assert.ok(!('Proof' in row) && 'LeafHash' in row);
  });
});
