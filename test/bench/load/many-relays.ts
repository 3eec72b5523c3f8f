/**
 * Many real relays in one process, each with its own spool and its own sockets below a directory:
 * `node many-relays.ts '{"dir", "first", "count", "heartbeatMs"}'`. Prints a line when all listen.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Relay, type RelayConfig, runRelay } from '@vitrine/relay';
import { SPOOL_BYTES_MAX, SPOOL_SYNC_MS } from '@vitrine/schema';
import { MAC_KEY } from './relay-process.ts';

export interface ManyOrder {
  dir: string;
  first: number;
  count: number;
  heartbeatMs: number;
}

const { dir, first, count, heartbeatMs } = JSON.parse(process.argv[2]!) as ManyOrder;
const relays: Relay[] = [];
for (let i = first; i < first + count; i++) {
  const own = join(dir, `r${i}`);
  mkdirSync(own);
  const config: RelayConfig = {
    session: `r${i}`,
    spoolDir: join(own, 'spool'),
    oppSocket: join(own, 'opp.sock'),
    oppTls: undefined,
    macKey: Buffer.from(MAC_KEY, 'hex'),
    intakes: [{ socket: join(own, 'intake.sock'), vantage: 'agent' }],
    spoolBytesMax: SPOOL_BYTES_MAX,
    spoolSyncMs: SPOOL_SYNC_MS,
  };
  const log = (line: string): void => console.error(`r${i}: ${line}`);
  // It must live as long as this process.
  relays.push(await runRelay(config, { log, heartbeatMs }));
}
console.log('ready');
