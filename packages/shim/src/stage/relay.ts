/**
 * Stands in for a relay process in tests of `run`: takes the same configuration, listens on the
 * same sockets, and writes each event as a line of `events.jsonl` beside its pull socket.
 */
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JsonObject } from '@vitrine/schema';
import { stageOtlp } from './otlp.ts';

const lines = createInterface({ input: process.stdin });
lines.once('line', async (line) => {
  const config = JSON.parse(line) as JsonObject & { intakes: JsonObject[]; opp_socket: string };
  const file = join(dirname(config.opp_socket), 'events.jsonl');
  for (const { socket, vantage } of config.intakes) {
    const server = stageOtlp(async ({ events }) => {
      for (const event of events()) {
        const parts = Object.entries(event.parts).map(([k, v]) => [k, Buffer.from(v).toString()]);
        const said = { vantage, kind: event.kind, t: event.t, fields: event.fields };
        appendFileSync(file, `${JSON.stringify({ ...said, parts: Object.fromEntries(parts) })}\n`);
      }
      return 200;
    });
    await server.listen(String(socket));
  }
  process.stdout.write('{"ready":true,"boot":"0000000000000000"}\n');
});
lines.on('close', () => process.exit(0));
