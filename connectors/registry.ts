/** Every connector, one line each, and what the collector does with them. */
import { join } from 'node:path';
import { isObject, type JsonObject } from '@vitrine/schema';
import type { DryRun, TestReport } from '@vitrine/schema/api';
import { elastic } from './elastic/index.ts';
import { falcon } from './falcon/index.ts';
import { kafka } from './kafka/index.ts';
import { checkName, quoted } from './kit/config.ts';
import type { ConfiguredConnector, ConnectorType } from './kit/define.ts';
import type { Delivery, DeliveryDeps } from './kit/delivery/contract.ts';
import { startDelivery } from './kit/delivery/start.ts';
import { dryRun } from './kit/dry-run.ts';
import { ConnectorError } from './kit/error.ts';
import { withReferences } from './kit/secret.ts';
import { selfTest, type TestDeps } from './kit/self-test.ts';
import { otlp } from './otlp/index.ts';
import { sentinel } from './sentinel/index.ts';
import { splunkHec } from './splunk-hec/index.ts';
import { syslog } from './syslog/index.ts';
import { webhook } from './webhook/index.ts';

export type { DeliverableAlert } from './kit/contract.ts';
export type {
  Delivery,
  DeliveryDeps,
  DeliverySource,
  DeliveryTiming,
  Receipt,
  ReceiptAlert,
} from './kit/delivery/contract.ts';
export { ConnectorError } from './kit/error.ts';
export type { TestDeps } from './kit/self-test.ts';

/** By the name that `type` in the configuration has. */
export const connectorTypes: Readonly<Record<string, ConnectorType>> = {
  elastic,
  falcon,
  kafka,
  otlp,
  sentinel,
  'splunk-hec': splunkHec,
  syslog,
  webhook,
};

/**
 * Reads one section of `connectors:`; does nothing else. Throws CONNECTOR_UNKNOWN and
 * CONNECTOR_CONFIG_INVALID.
 */
export function configureConnector(name: string, raw: unknown): ConfiguredConnector {
  checkName(name);
  if (!isObject(raw)) {
    const hint = `write ${name}: {type: …}; docs are in connectors/README.md`;
    throw new ConnectorError('CONNECTOR_CONFIG_INVALID', `connectors.${name}: no settings`, hint);
  }
  const { type, ...settings } = raw;
  const known = Object.keys(connectorTypes);
  if (typeof type !== 'string' || !known.includes(type)) {
    const message = `connectors.${name}.type: ${quoted(String(type))} is no connector`;
    throw new ConnectorError('CONNECTOR_UNKNOWN', message, `there are: ${known.join(', ')}`);
  }
  return connectorTypes[type]!.configure(name, settings);
}

/**
 * Starts one connector. `dir` holds the state of all connectors; this one's is in `dir/name`.
 * Throws as `configureConnector` and `startDelivery` do.
 */
export async function createDelivery(
  name: string,
  raw: unknown,
  deps: DeliveryDeps & { dir: string },
): Promise<Delivery> {
  const connector = configureConnector(name, raw);
  return startDelivery({ ...deps, name, connector, dir: join(deps.dir, name) });
}

/** Sends a test alert and reports each step; works while the connector runs, or is paused. */
export async function testConnector(
  name: string,
  raw: unknown,
  deps: TestDeps = {},
): Promise<TestReport> {
  return selfTest(name, configureConnector(name, raw), deps);
}

/** The settings as they hold, defaults included; of a secret only where it is. */
export function shownSettings(name: string, raw: unknown): JsonObject {
  const { settings } = configureConnector(name, raw);
  return withReferences(settings, ({ source }) => source) as JsonObject;
}

/** What `testConnector` would send, without a connection. */
export function dryRunConnector(name: string, raw: unknown): DryRun {
  return dryRun(name, configureConnector(name, raw));
}
