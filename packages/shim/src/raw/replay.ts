/**
 * A stream of raw output as a session of a running collector: through a relay of its own on this
 * host, at the pace of its hooks, with its times moved to now.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ShimError } from '../error.ts';
import { Collector } from '../run/collector.ts';
import { Companion } from '../run/companion.ts';
import { RawEmitters, readStream, type Sent, START_S } from './emitters.ts';

export interface ReplayOptions {
  /** As in `emitters.ts`. */
  text: string;
  session: string;
  collector: { api: string; token: string };
  /** `apps/relay/bin/relay.mjs`. */
  relayEntry: string;
  /** Gets what the relay says. */
  say: (line: string) => void;
}

const MAC_KEY_BYTES = 32;
const INTAKES = ['agent', 'boundary', 'host'] as const;
const HTTP_OK = 200;
/** The agent's session in a hook, and in OTLP. */
const AGENT_SESSION = /"session(?:_id":|\.id","value":\{"stringValue":)"([0-9a-f-]{36})"/g;
/** Every time in a stream, as seconds or with more digits behind them. */
const TIMES = new RegExp(`\\b${String(START_S).slice(0, 5)}\\d{5}`, 'g');

/** Resolves when the session is closed. Throws STREAM_INVALID, PROCESS_FAILED, COLLECTOR_…. */
export async function replay(options: ReplayOptions): Promise<void> {
  const { text, session, collector: place, relayEntry, say } = options;
  const { description, lines } = readStream(text);
  if (lines.some((line) => line.startsWith('session '))) {
    throw new ShimError('STREAM_INVALID', 'a replay is of one session', 'take the lines of one');
  }
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-replay-'));
  const opp = join(dir, 'opp');
  const macKey = randomBytes(MAC_KEY_BYTES).toString('hex');
  const collector = new Collector(place.api, place.token);
  let relay: Companion | undefined;
  try {
    relay = await Companion.start({
      name: 'relay',
      entry: relayEntry,
      args: ['--config', '-'],
      settings: {
        session,
        spool_dir: join(dir, 'spool'),
        opp_socket: opp,
        mac_key: macKey,
        intakes: INTAKES.map((vantage) => ({ socket: join(dir, vantage), vantage })),
      },
      log: say,
    });
    // The process that ran the recorded sandbox is gone, which would be the end of the session.
    const { process: _, ...host } = description.host;
    await collector.begin({
      session,
      description: { ...description, runtime: 'native', host },
      relay: { socket: opp, standing: 'host', mac_key: macKey },
    });
    const emitters = new RawEmitters(description);
    // From here on, for what comes before takes its time.
    for (const line of readStream(fromNow(withOwnId(text))).lines)
      for (const sent of emitters.take(line)) await send(dir, sent);
    for (const sent of emitters.end()) await send(dir, sent);
    const alive = relay;
    await collector.end(session, { isWorthwhile: () => alive.alive, onWait: () => {} });
  } finally {
    await relay?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** As an agent does, which gives each of its sessions an id that no other has. */
export function withOwnId(text: string): string {
  const ids = new Set([...text.matchAll(AGENT_SESSION)].map(([, id]) => id!));
  return [...ids].reduce((told, id) => told.replaceAll(id, randomUUID()), text);
}

/** Begins with the next full second. */
function fromNow(text: string): string {
  const shift = Math.ceil(Date.now() / 1_000) - START_S;
  return text.replace(TIMES, (seconds) => String(Number(seconds) + shift));
}

/** A hook has the time at which it is called, so it is called then. */
async function send(dir: string, { vantage, path, type, body, t }: Sent): Promise<void> {
  if (t !== undefined) await sleep(Math.max(0, Number(BigInt(t) / 1_000_000n) - Date.now()));
  const [status, text] = await new Promise<[number | undefined, string]>((resolve, reject) => {
    const headers = { 'content-type': type };
    const socketPath = join(dir, vantage);
    const outgoing = request({ socketPath, path, method: 'POST', headers }, (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        said += more;
      });
      response.once('end', () => resolve([response.statusCode, said]));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
  if (status === HTTP_OK) return;
  throw new ShimError('STREAM_INVALID', `${path} was answered ${status}: ${text}`, '');
}
