import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { canonicalBytes } from '@vitrine/chain';
import {
  CONNECTOR_REASON_CHARS_MAX,
  DELIVERY_CONCURRENT_MAX,
  DELIVERY_PAGE_ALERTS_MAX,
  DELIVERY_WINDOW_ALERTS_MAX,
  RECEIPT_ALERTS_MAX,
  RECEIPT_MS_MAX,
  RECEIPT_WAITING_MAX,
  RECORD_BYTES_MAX,
} from '@vitrine/schema';
import { sampleAlerts } from '../conformance/sample-log.ts';
import { OK, Rig } from './rig.ts';

let rig: Rig;
const start = async (count: number): Promise<void> => {
  const alerts = sampleAlerts(Array.from({ length: count }, (_, i) => ({ subject: `s${i % 9}` })));
  rig = await Rig.start({ alerts });
  await rig.settle();
};
afterEach(() => rig.end());

const received = (): string[] => rig.receipts.flatMap(({ alerts }) => alerts.map(({ id }) => id));
const all = (): string[] => rig.alerts.map(({ id }) => id);

describe('receipts', () => {
  it('say which destination took which alerts, once for each stretch', async () => {
    await start(3);
    assert.equal(rig.receipts.length, 0);
    await rig.advance(RECEIPT_MS_MAX + 1);
    const [first, second, third] = rig.alerts;
    assert.equal(rig.receipts.length, 1);
    const { alerts, ...rest } = rig.receipts[0]!;
    assert.deepEqual(rest, {
      connector: 'soc',
      type: 'test',
      from: first!.index,
      to: third!.index,
    });
    assert.deepEqual(alerts[1], {
      id: second!.id,
      index: second!.index,
      leaf: second!.leaf,
      outcome: 'delivered',
      answer: 'HTTP 200',
      at: `${Date.parse('2026-11-25T10:00:00Z')}000000`,
    });
    await rig.advance(10 * RECEIPT_MS_MAX);
    assert.equal(rig.receipts.length, 1);
  });

  it('come earlier when one is full', async () => {
    await start(RECEIPT_ALERTS_MAX - 1);
    assert.equal(rig.receipts.length, 0);
    await rig.end();
    await start(RECEIPT_ALERTS_MAX);
    assert.deepEqual(
      rig.receipts.map(({ alerts }) => alerts.length),
      [RECEIPT_ALERTS_MAX],
    );
  });

  it('fit a record when all their answers are as long as they may be', async () => {
    rig = await Rig.start({
      alerts: sampleAlerts(Array.from({ length: RECEIPT_ALERTS_MAX }, () => ({}))),
      destination: () => ({ ...OK, answer: '€'.repeat(CONNECTOR_REASON_CHARS_MAX) }),
    });
    await rig.settle();
    assert.ok(canonicalBytes(rig.receipts[0]!).length < RECORD_BYTES_MAX);
    rig.receipts.length = 0;
  });

  it('are written again until the log takes them', async () => {
    await start(0);
    rig.receiptError = new Error('queue full');
    rig.alerts.push(...sampleAlerts([{}, {}]));
    for (let i = 0; i < 5; i++) await rig.advance(RECEIPT_MS_MAX);
    assert.equal(rig.delivery.status().lastError, 'cannot write a receipt: queue full');
    assert.equal(rig.lines.filter((line) => line.includes('queue full')).length, 1);
    rig.receiptError = undefined;
    await rig.advance(RECEIPT_MS_MAX + 1);
    assert.deepEqual(received(), all());
  });

  it('are not lost by a crash between the delivery and the receipt', async () => {
    await start(2);
    const dir = rig.crashCopy();
    await rig.end();
    rig = await Rig.start({ alerts: rig.alerts, dir });
    await rig.advance(RECEIPT_MS_MAX + 1);
    assert.deepEqual(rig.sent, []);
    assert.deepEqual(received(), all());
  });

  it('are not written again by a restart when the log took them', async () => {
    await start(2);
    await rig.advance(RECEIPT_MS_MAX + 1);
    const dir = rig.crashCopy();
    await rig.end();
    rig = await Rig.start({ alerts: rig.alerts, dir });
    await rig.advance(RECEIPT_MS_MAX + 1);
    assert.deepEqual(received(), []);
  });

  it('of dead letters stop at the bound too, and make no position that is refused', async () => {
    const count = RECEIPT_WAITING_MAX + 2 * DELIVERY_WINDOW_ALERTS_MAX;
    const subjects = Array.from({ length: count }, (_, i) => ({ subject: `s${i}` }));
    rig = await Rig.start({ alerts: [] });
    await rig.delivery.stop();
    rig.alerts.push(...sampleAlerts(subjects));
    // As after a lost position: every alert is known to be dead already.
    const letters = rig.alerts.map(({ id, log, index, leaf }) => {
      const told = { session: 's', rule: 'R', reason: 'HTTP 400', attempts: 1, at: '1' };
      return `${JSON.stringify({ dead: { id, log, index, leaf, ...told } })}\n`;
    });
    writeFileSync(join(rig.dir, 'dead-letters.jsonl'), letters.join(''));
    rig.receiptError = new Error('queue full');
    await rig.open();
    await rig.settle();
    const { cursor } = rig.delivery.status();
    const passed = rig.alerts.filter(({ index }) => index <= cursor).length;
    assert.ok(passed <= RECEIPT_WAITING_MAX + DELIVERY_PAGE_ALERTS_MAX, `${passed}`);
    await rig.delivery.stop();
    rig.receiptError = undefined;
    await rig.open();
    for (let i = 0; i < 6; i++) await rig.advance(RECEIPT_MS_MAX + 1);
    assert.equal(new Set(received()).size, count);
    assert.deepEqual(rig.sent, []);
  });

  it('that cannot be written stop delivery at the bound, not for ever', async () => {
    rig = await Rig.start({ alerts: [] });
    rig.receiptError = new Error('queue full');
    const subjects = Array.from({ length: RECEIPT_WAITING_MAX + 50 }, (_, i) => `s${i}`);
    rig.alerts.push(...sampleAlerts(subjects.map((subject) => ({ subject }))));
    await rig.advance(RECEIPT_MS_MAX + 1);
    assert.ok(rig.sent.length >= RECEIPT_WAITING_MAX, `${rig.sent.length}`);
    assert.ok(rig.sent.length < RECEIPT_WAITING_MAX + DELIVERY_CONCURRENT_MAX);
    rig.receiptError = undefined;
    for (let i = 0; i < 4; i++) await rig.advance(RECEIPT_MS_MAX + 1);
    assert.deepEqual(rig.sent.toSorted(), all().toSorted());
    assert.deepEqual(received().toSorted(), all().toSorted());
  });
});
