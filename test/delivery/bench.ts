/** One connector that delivers a list of alerts to a contract server, and everything it said. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { QUICK } from '../../connectors/kit/conformance/bench.ts';
import { listSource } from '../../connectors/kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../../connectors/kit/contract.ts';
import type { ConfiguredConnector } from '../../connectors/kit/define.ts';
import type { Delivery, DeliveryTiming, Receipt } from '../../connectors/kit/delivery/contract.ts';
import { startDelivery } from '../../connectors/kit/delivery/start.ts';

export { until } from '../../connectors/kit/conformance/bench.ts';

export interface Started {
  delivery: Delivery;
  receipts: Receipt[];
  lines: string[];
}

export interface StartOptions {
  environment: Record<string, string>;
  timing?: Partial<DeliveryTiming>;
}

/** From the beginning, with waits short enough for a test; ends with the test. */
export async function start(
  t: TestContext,
  connector: ConfiguredConnector,
  alerts: DeliverableAlert[],
  { environment, timing }: StartOptions,
): Promise<Started> {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-delivery-'));
  const receipts: Receipt[] = [];
  const lines: string[] = [];
  const delivery = await startDelivery({
    name: 'siem',
    connector,
    dir,
    source: listSource(alerts),
    receipt: async (receipt) => void receipts.push(structuredClone(receipt)),
    log: (line) => void lines.push(line),
    environment,
    timing: { ...QUICK, ...timing },
  });
  t.after(async () => {
    await delivery.stop();
    rmSync(dir, { recursive: true });
  });
  return { delivery, receipts, lines };
}
