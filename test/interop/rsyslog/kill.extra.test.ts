/**
 * A receiver that stands still and is then killed, again and again, in the middle of the stream.
 * Every alert arrives, those of a session first arrive in its order, repeats are the same bytes.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listSource, sampleAlerts } from '../../../connectors/kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../../../connectors/kit/contract.ts';
import type { Delivery } from '../../../connectors/kit/delivery/contract.ts';
import { startDelivery } from '../../../connectors/kit/delivery/start.ts';
import { syslogConfig } from '../../../connectors/syslog/config.ts';
import { syslog } from '../../../connectors/syslog/index.ts';
import { StreamChannel } from '../../../connectors/syslog/stream.ts';
import { isGiven, works } from '../../acceptance/path/requirement.ts';
import { Authority } from './certificates.ts';
import { Rsyslogd, rsyslogBinary } from './rsyslogd.ts';

const ALERTS = 4_000;
const SESSIONS = 32;
const KILLS = 6;
/** It stands still for less than the settling time: what it has not read dies with it. */
const STILL_MS = 150;
const SETTLE_MS = 600;
const WAIT_MS_MAX = 120_000;
const TIMING = { pollMs: 20, retryMsMin: 20, retryMsMax: 200, pauseMs: 300, stopMs: 3_000 };

interface Told {
  delivered: number;
  /** Ids that arrived, by first arrival, and how often anything arrived. */
  first: string[];
  arrivals: number;
  /** Ids that came in more than one form. */
  changed: number;
}

/** Delivers everything while the receiver is killed; `settleMs` beside the settings' own bounds. */
async function deliverThroughKills(
  t: TestContext,
  transport: 'tls' | 'tcp',
  settleMs: number,
): Promise<Told> {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-rsyslog-'));
  const authority = new Authority(dir, 'soc');
  const certificate = authority.issue('server', 'localhost');
  const daemon = await Rsyslogd.start({ dir, certificate });
  const delivery = await startDelivery({
    name: 'soc',
    connector: withSettling(
      {
        host: 'localhost',
        port: daemon.ports[transport],
        ...{ transport, allow: ['loopback'], start: 'beginning' },
        ...(transport === 'tls' ? { ca_file: authority.cert } : {}),
      },
      settleMs,
    ),
    dir: join(dir, 'state'),
    source: listSource(LOG),
    receipt: async () => {},
    log: () => {},
    timing: TIMING,
  });
  t.after(async () => {
    await delivery.stop();
    await daemon.kill();
    rmSync(dir, { recursive: true });
  });
  const said = (): string => JSON.stringify(delivery.status()) + daemon.said();
  for (let kill = 1; kill <= KILLS; kill++) {
    const due = (kill * ALERTS) / (KILLS + 2);
    await until(() => isOver(delivery) || progress(delivery) > due, said);
    daemon.freeze(true);
    await sleep(STILL_MS);
    await daemon.kill();
    await sleep(50);
    await daemon.start();
  }
  await until(() => isOver(delivery), said);
  await sleep(500);
  return told(daemon, delivery.status().delivered);
}

/** Less than the settings allow is only to be had from inside. */
function withSettling(settings: object, settle_ms: number): ReturnType<typeof syslog.configure> {
  const connector = syslog.configure('soc', settings);
  const config = { ...syslogConfig.parse(settings), settle_ms };
  const { transport } = connector;
  return {
    ...connector,
    transport: { ...transport, open: (_, io) => new StreamChannel(config, io) },
  };
}

function told(daemon: Rsyslogd, delivered: number): Told {
  const forms = new Map<string, string>();
  let changed = 0;
  const received = daemon.received();
  for (const { raw, data } of received) {
    const id = /id="([^"]+)"/.exec(data)![1]!;
    if (forms.has(id) && forms.get(id) !== raw) changed++;
    if (!forms.has(id)) forms.set(id, raw);
  }
  return { delivered, first: [...forms.keys()], arrivals: received.length, changed };
}

const LOG: DeliverableAlert[] = sampleAlerts(
  Array.from({ length: ALERTS }, (_, i) => ({ subject: `s${(i * 7) % SESSIONS}` })),
);
const SESSION_OF = new Map(LOG.map(({ id, record }) => [id, String(record.subject)]));

const progress = (delivery: Delivery): number => delivery.status().delivered;
const isOver = (delivery: Delivery): boolean => progress(delivery) >= ALERTS;

async function until(isSo: () => boolean, said: () => string): Promise<void> {
  const end = performance.now() + WAIT_MS_MAX;
  while (!isSo()) {
    assert.ok(performance.now() < end, said());
    await sleep(10);
  }
}

function given(t: TestContext): boolean {
  const without = 'rsyslogd is not here: packages rsyslog and rsyslog-openssl have it';
  return isGiven(t, rsyslogBinary() !== undefined && works('openssl', 'version'), without);
}

for (const transport of ['tls', 'tcp'] as const) {
  test(`over ${transport} nothing is lost to a receiver that is killed`, async (t) => {
    if (!given(t)) return;
    const { first, arrivals, changed, delivered } = await deliverThroughKills(
      t,
      transport,
      SETTLE_MS,
    );
    t.diagnostic(`${arrivals - ALERTS} repeats of ${ALERTS} alerts over ${KILLS} kills`);
    assert.deepEqual([first.length, delivered, changed], [ALERTS, ALERTS, 0]);
    for (let i = 0; i < SESSIONS; i++) {
      const own = first.filter((id) => SESSION_OF.get(id) === `s${i}`);
      assert.deepEqual(own, own.toSorted(), `order of s${i}`);
    }
  });
}

test('(without a settling time alerts are lost that count as delivered)', async (t) => {
  if (!given(t)) return;
  const { first, delivered } = await deliverThroughKills(t, 'tcp', 0);
  t.diagnostic(`${ALERTS - first.length} of ${ALERTS} lost`);
  assert.equal(delivered, ALERTS);
  assert.ok(first.length < ALERTS, 'the receiver was never killed with anything unread');
});
