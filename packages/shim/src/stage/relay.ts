/**
 * Stands in for a relay process in tests of `run`: takes the same configuration, listens on the
 * same sockets, and writes each event as a line of `events.jsonl` beside its pull socket.
 */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeExport, type JsonObject, toEvents } from '@vitrine/schema';

const lines = createInterface({ input: process.stdin });
lines.once('line', async (line) => {
  const config = JSON.parse(line) as JsonObject & { intakes: JsonObject[]; opp_socket: string };
  const file = join(dirname(config.opp_socket), 'events.jsonl');
  for (const { socket, vantage } of config.intakes) {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const isJson = request.headers['content-type']?.includes('json') === true;
      const body = Buffer.concat(chunks);
      for (const event of toEvents(decodeExport('logs', isJson ? 'json' : 'protobuf', body))) {
        const parts = Object.entries(event.parts).map(([k, v]) => [k, Buffer.from(v).toString()]);
        const said = { vantage, kind: event.kind, t: event.t, fields: event.fields };
        appendFileSync(file, `${JSON.stringify({ ...said, parts: Object.fromEntries(parts) })}\n`);
      }
      response.writeHead(200).end();
    });
    await new Promise<void>((resolve) => server.listen(String(socket), resolve));
  }
  process.stdout.write('{"ready":true,"boot":"0000000000000000"}\n');
});
lines.on('close', () => process.exit(0));
