/**
 * What a real rsyslog makes of our syslog: every byte arrives, the fields are where they belong,
 * and who is not trusted on either end gets nothing.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleAlerts } from '../../../connectors/kit/conformance/sample-log.ts';
import type { DeliverableAlert, Outcome } from '../../../connectors/kit/contract.ts';
import { testConnector } from '../../../connectors/registry.ts';
import { readSyslog } from '../../../connectors/syslog/reader.fixture.ts';
import { Sender, sentOnce } from '../../../connectors/syslog/sender.fixture.ts';
import type { JsonObject } from '../../../packages/schema/src/json.ts';
import { readCef } from '../../../packages/schema/src/normalise/cef-reader.fixture.ts';
import { readLeef } from '../../../packages/schema/src/normalise/leef-reader.fixture.ts';
import { isGiven, works } from '../../acceptance/path/requirement.ts';
import { Authority, type Certificate } from './certificates.ts';
import { type Received, Rsyslogd, type RsyslogOptions, rsyslogBinary } from './rsyslogd.ts';

const ARRIVED_MS_MAX = 10_000;
const HOSTILE: JsonObject[] = [
  { what: 'Grüße 日本 🎇 — “quoted” "plain" \\ back ] bracket [ = ^ | {"json": true}' },
  { what: 'first line\nsecond\r\nthird\ttab\u0000nul\u001b[31m\u0085\u2028end' },
  { what: 'x'.repeat(20_000), subject: 's "]\\' },
  { title: '<0>1 - - - - - - forged', rule: 'R|1 =^', what: '' },
];
const alerts = (): DeliverableAlert[] => sampleAlerts(HOSTILE.map((fields) => ({ fields })));

interface Stage {
  daemon: Rsyslogd;
  authority: Authority;
  server: Certificate;
  dir: string;
}

/** An rsyslog for one test; skips the test, and says so, where there is none. */
async function stage(
  t: TestContext,
  more: (authority: Authority) => Partial<RsyslogOptions> = () => ({}),
): Promise<Stage | undefined> {
  const given = rsyslogBinary() !== undefined && works('openssl', 'version');
  const without = 'rsyslogd is not here: packages rsyslog and rsyslog-openssl have it';
  if (!isGiven(t, given, without)) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-rsyslog-'));
  const authority = new Authority(dir, 'soc');
  const server = authority.issue('server', 'localhost');
  const daemon = await Rsyslogd.start({ dir, certificate: server, ...more(authority) });
  t.after(async () => {
    await daemon.kill();
    rmSync(dir, { recursive: true });
  });
  return { daemon, authority, server, dir };
}

async function arrived(daemon: Rsyslogd, count: number): Promise<Received[]> {
  const end = performance.now() + ARRIVED_MS_MAX;
  while (daemon.received().length < count && performance.now() < end) await sleep(20);
  const received = daemon.received();
  assert.equal(received.length, count, daemon.said());
  return received;
}

const tls = ({ daemon, authority }: Stage, more: object = {}): object => {
  return { host: 'localhost', port: daemon.ports.tls, ca_file: authority.cert, ...more };
};
const reasonOf = (outcome: Outcome): string => ('reason' in outcome ? outcome.reason : '');

test('over TLS every byte arrives, in the fields of RFC 5424', async (t) => {
  const on = await stage(t);
  if (on === undefined) return;
  const sender = new Sender(tls(on));
  const items = sender.encoded(alerts());
  // Octet counting carries what no alert has: a line feed inside, a frame that looks like another.
  const head = '<14>1 - - - - - - ';
  for (const text of ['one\ntwo\n\n3 abc', '12 <13>1 not a frame', 'é'.repeat(15_000), ' x ']) {
    items.push({ id: 'raw', bytes: Buffer.from(head + text) });
  }
  const outcome = await sender.send(items);
  await sender.close();
  assert.equal(outcome.kind, 'ok');
  const received = await arrived(on.daemon, items.length);
  for (const [i, { raw, ...fields }] of received.entries()) {
    const sent = Buffer.from(items[i]!.bytes).toString('utf8');
    assert.equal(raw, sent);
    if (items[i]!.id === 'raw') continue;
    const { facility, severity, hostname, appName, messageId, message } = readSyslog(sent);
    assert.equal(Number(fields.priority), facility * 8 + severity);
    assert.deepEqual([fields.hostname, fields.appName], [hostname, appName]);
    assert.deepEqual([fields.messageId, fields.message], [messageId, message]);
    assert.ok(fields.data.includes(`id="${items[i]!.id}"`));
  }
});

test('CEF and LEEF read back as they were written', async (t) => {
  const on = await stage(t, () => ({ rewrites: true }));
  if (on === undefined) return;
  for (const payload of ['cef', 'leef']) {
    assert.equal((await sentOnce(tls(on, { payload }), alerts())).kind, 'ok');
  }
  const received = await arrived(on.daemon, 2 * HOSTILE.length);
  for (const [i, alert] of alerts().entries()) {
    const cef = readCef(received[i]!.message);
    assert.equal(cef.header[4], String(alert.record.rule));
    assert.deepEqual([cef.extension.cs6, cef.extension.externalId], [alert.leaf, alert.id]);
    assert.equal(cef.extension.flexString2, alert.link);
    const leef = readLeef(received[HOSTILE.length + i]!.message);
    assert.deepEqual([leef.attributes.leafHash, leef.attributes.uid], [alert.leaf, alert.id]);
    assert.equal(leef.attributes.link, alert.link);
  }
  const [first] = alerts();
  assert.equal(readCef(received[0]!.message).extension.msg, first!.record.what);
  assert.equal(readLeef(received[HOSTILE.length]!.message).attributes.msg, first!.record.what);
});

test('an rsyslog that rewrites control characters changes nothing of ours', async (t) => {
  const on = await stage(t, () => ({ rewrites: true }));
  if (on === undefined) return;
  const sender = new Sender(tls(on));
  const tab = { id: 'raw', bytes: Buffer.from('<14>1 - - - - - - LEEF:2.0|a|b|c|d|x09|k=v\tl=w') };
  const items = [...sender.encoded(alerts()), tab];
  assert.equal((await sender.send(items)).kind, 'ok');
  await sender.close();
  const received = await arrived(on.daemon, items.length);
  const changed = received.filter(({ raw }, i) => raw !== Buffer.from(items[i]!.bytes).toString());
  // Why LEEF is not written with its tabs.
  assert.deepEqual(
    changed.map(({ message }) => message),
    ['LEEF:2.0|a|b|c|d|x09|k=v#011l=w'],
  );
});

test('over TCP both framings arrive, and over UDP one message in each datagram', async (t) => {
  const on = await stage(t);
  if (on === undefined) return;
  const { tcp, udp } = on.daemon.ports;
  for (const framing of ['octet-counting', 'newline']) {
    const outcome = await sentOnce({ transport: 'tcp', port: tcp, framing }, alerts());
    assert.match('answer' in outcome ? outcome.answer : '', /^sound for 300 ms after it/);
  }
  const lossy = await sentOnce({ transport: 'udp', port: udp }, alerts());
  assert.deepEqual(lossy, {
    kind: 'ok',
    answer: 'handed to the network; UDP does not tell what arrives',
  });
  const received = await arrived(on.daemon, 3 * HOSTILE.length);
  const ids = received.map(({ data }) => /id="([^"]+)"/.exec(data)![1]);
  const all = alerts().map(({ id }) => id);
  assert.deepEqual(ids.toSorted(), [...all, ...all, ...all].toSorted());
  for (const { raw, input } of received) {
    readSyslog(raw);
    if (input === 'imudp') assert.ok(Buffer.byteLength(raw) <= 1_180);
  }
});

test('`connectors test` shows every step, and says what nobody can confirm', async (t) => {
  const on = await stage(t);
  if (on === undefined) return;
  const settings = { ...tls(on), settle_ms: 300, payload: 'cef', allow: ['loopback'] };
  const report = await testConnector('soc', { type: 'syslog', ...settings });
  assert.equal(report.ok, true);
  const steps = report.steps.map(({ step, ok }) => `${step} ${ok}`);
  assert.deepEqual(steps, ['settings true', 'dns true', 'connect true', 'tls true', 'send true']);
  assert.match(report.steps.at(-1)!.detail, /syslog has no acknowledgement/);
  const [{ data, messageId }] = (await arrived(on.daemon, 1)) as [Received];
  assert.equal(messageId, 'SELFTEST');
  assert.ok(data.includes(`id="${report.alert}"`) && data.includes('test="true"'));
});

test('who is refused for want of a certificate pauses and is told which', async (t) => {
  const on = await stage(t, ({ cert }) => ({ clients: cert }));
  if (on === undefined) return;
  const without = await sentOnce(tls(on), alerts());
  assert.equal(without.kind, 'pause');
  assert.match(reasonOf(without), /ALERT_CERTIFICATE_REQUIRED; .*see cert_file and key_file/);
  const stranger = new Authority(on.dir, 'other').issue('client', 'collector');
  const files = ({ cert, key }: Certificate): object => ({ cert_file: cert, key_file: key });
  const wrong = await sentOnce(tls(on, files(stranger)), alerts());
  assert.equal(wrong.kind, 'pause');
  assert.match(reasonOf(wrong), /ALERT_UNKNOWN_CA; .*see cert_file and key_file/);
  const expired = on.authority.issue('expired', 'collector', { expired: true });
  const old = await sentOnce(tls(on, files(expired)), alerts());
  assert.match(reasonOf(old), /ALERT_CERTIFICATE_EXPIRED; .*see cert_file/);
  assert.equal(old.kind, 'pause');
  assert.equal(on.daemon.received().length, 0);
  const own = on.authority.issue('client', 'collector');
  assert.equal((await sentOnce(tls(on, files(own)), alerts())).kind, 'ok');
  await arrived(on.daemon, HOSTILE.length);
});

test('a receiver with an expired, misnamed or untrusted certificate gets nothing', async (t) => {
  const on = await stage(t, (authority) => ({
    certificate: authority.issue('old', 'localhost', { expired: true }),
  }));
  if (on === undefined) return;
  const expired = await sentOnce(tls(on), alerts());
  assert.equal(expired.kind, 'retry');
  assert.match(reasonOf(expired), /CERT_HAS_EXPIRED.*expired/);
  await on.daemon.kill();
  const daemon = await Rsyslogd.start({ dir: on.dir, certificate: on.server });
  t.after(() => daemon.kill());
  const fresh = { ...on, daemon };
  const named = await sentOnce(tls(fresh, { server_name: 'siem.example' }), alerts());
  assert.match(reasonOf(named), /ERR_TLS_CERT_ALTNAME_INVALID/);
  const stranger = await sentOnce(tls(fresh, { ca_file: undefined }), alerts());
  assert.match(reasonOf(stranger), /ca_file/);
  assert.equal(daemon.received().length, 0);
  const byAddress = tls(fresh, { host: '127.0.0.1', server_name: 'localhost' });
  assert.equal((await sentOnce(byAddress, alerts())).kind, 'ok');
});
