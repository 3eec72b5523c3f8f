/** Opens what a connector left on disk and starts to deliver from there. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { processEnvironment } from '../config.ts';
import { SecretReader } from '../secret.ts';
import { openWire } from '../wire/open.ts';
import { DELIVERY_TIMING, type Delivery, type DeliveryOptions } from './contract.ts';
import { DeadLetters } from './dead-letters.ts';
import { Deliverer } from './deliver.ts';
import { Outcomes } from './outcomes.ts';
import { Receipts } from './receipts.ts';
import { type DeliveryPosition, PositionFile, readPosition } from './state.ts';
import { Window } from './window.ts';

/**
 * Resolves when the position is durable; from then on no alert is missed. Throws
 * DELIVERY_STATE_CORRUPT and CONNECTOR_CONFIG_INVALID (`ca_file`). A secret that is missing is no
 * error here: the connector pauses until it is there.
 */
export async function startDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { name, connector, dir, source, log, environment = processEnvironment } = options;
  const { clock = systemClock, random = Math.random, receipt } = options;
  const { type } = connector;
  const timing = { ...DELIVERY_TIMING, ...options.timing };
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'position.json');
  const kept = await positionIn(path, options);
  const secrets = new SecretReader(environment);
  const wire = options.wire ?? openWire({ connector, secrets, clock, ...timing });
  const letters = await DeadLetters.open(join(dir, 'dead-letters.jsonl'));
  const window = new Window(kept.cursor, kept.ahead);
  const receipts = new Receipts(
    {
      connector: name,
      type,
      clock,
      receiptMs: timing.receiptMs,
      receipt,
      // A receipt that could not be crossed off is written once more after a restart.
      taken: () => void position.save().catch(() => {}),
      failed: (error) => outcomes.trouble('cannot write a receipt', error),
    },
    kept.receipts,
  );
  const position = new PositionFile(path, () => {
    const { cursor, ahead } = window;
    const { origin, held } = kept;
    return { origin, cursor, ahead, receipts: receipts.waiting, held };
  });
  const book = { name, clock, window, receipts, letters, position, log };
  const outcomes = new Outcomes(book);
  await position.save().catch(async (error: unknown) => {
    await Promise.all([letters.close(), wire.close()]);
    throw error;
  });
  const { batch, encode, guarantee } = connector;
  const { rate } = connector.settings;
  const parts = { ...book, outcomes, type, source, wire, batch, encode, guarantee, rate };
  return new Deliverer({ ...parts, random, timing, kept });
}

/**
 * Where to go on. A position that this log cannot have, because the log was replaced or set back,
 * would silently skip its first alerts: it is given up, and the log of the process says so.
 */
async function positionIn(path: string, options: DeliveryOptions): Promise<DeliveryPosition> {
  const { name, connector, source, log } = options;
  const { origin = '' } = source;
  const [kept, tip] = [await readPosition(path), await source.tip()];
  if (kept !== undefined && kept.origin === origin && kept.cursor <= tip) return kept;
  if (kept !== undefined) log(`connector ${name}: its position is of another log, it starts anew`);
  // A new connector does not flood its destination with the past unless it is told to.
  const cursor = connector.settings.start === 'beginning' ? -1 : tip;
  return { origin, cursor, ahead: [], receipts: [], held: kept?.held };
}
