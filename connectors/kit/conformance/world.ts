/**
 * A destination that only pretends to be a network, for thousands of bad days in a few seconds: the
 * connector, the engine and the disk are real, the clock is the test's.
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DeliverableAlert, HttpAnswer, HttpRequest, Outcome } from '../contract.ts';
import type { ConfiguredConnector, ConnectorType, HttpTransport } from '../define.ts';
import type { Delivery, DeliveryTiming, Receipt } from '../delivery/contract.ts';
import { startDelivery } from '../delivery/start.ts';
import { SecretReader } from '../secret.ts';
import type { Exchange, ExchangeOptions } from '../wire/exchange.ts';
import { failureOf } from '../wire/failure.ts';
import { HttpWire } from '../wire/http.ts';
import type { Wire } from '../wire/wire.ts';
import type { ConnectorSample } from './bench.ts';
import type { Received, Reply, SampleDestination } from './fault-server.ts';
import type { HandClock } from './hand-clock.ts';
import { listSource } from './sample-log.ts';
import type { FaultName, Schedule } from './schedule.ts';

/** A kill here is a copy of the directory, so nothing has to reach a disk. */
const MEMORY = '/dev/shm';
const ALERT_ID = /alr_[0-9a-f]{32}/g;

export const TIMING: DeliveryTiming = {
  connectMs: 1_000,
  attemptMs: 2_000,
  pollMs: 1_000,
  retryMsMin: 100,
  retryMsMax: 1_000,
  pauseMs: 3_000,
  stopMs: 1_000,
  receiptMs: 500,
  confirmMs: 400,
};

export interface Subject {
  type: ConnectorType<HttpTransport>;
  sample: ConnectorSample;
  destination: SampleDestination;
}

/** How a test breaks what it wants to see found out. */
export interface Sabotage {
  wire?(wire: Wire): Wire;
  exchange?(exchange: Exchange): Exchange;
  alert?(alert: DeliverableAlert): DeliverableAlert;
}

export class World {
  readonly #subject: Subject;
  readonly #schedule: Schedule | undefined;
  readonly #clock: HandClock;
  readonly #sabotage: Sabotage;
  readonly alerts: DeliverableAlert[];
  /** Ids in the order in which the destination got them, repeats included. */
  readonly arrived: string[] = [];
  /** Ids that no alert has. */
  readonly strange: string[] = [];
  readonly receipts: Receipt[] = [];
  /** Of killed processes and their successors. */
  readonly #ended: Promise<void>[] = [];
  /** Taken under a ticket and not yet safe. */
  readonly #tickets = new Map<string, string[]>();
  readonly #dirs: string[] = [];
  #life = 0;
  delivery!: Delivery;

  /** Without a schedule everything goes well. */
  constructor(
    subject: Subject,
    alerts: DeliverableAlert[],
    clock: HandClock,
    schedule?: Schedule,
    sabotage: Sabotage = {},
  ) {
    this.#subject = subject;
    this.alerts = alerts;
    this.#clock = clock;
    this.#schedule = schedule;
    this.#sabotage = sabotage;
  }

  async open(dir = this.#directory()): Promise<void> {
    const life = ++this.#life;
    const connector = this.#connector();
    const secrets = new SecretReader(this.#subject.sample.environment);
    const exchange = this.#exchangeOf(life, dir);
    const options = { connector, secrets, clock: this.#clock, ...TIMING, exchange };
    const wire = new HttpWire(options, connector.transport);
    this.delivery = await startDelivery({
      name: 'soc',
      connector,
      dir,
      source: this.#source(),
      receipt: async (receipt) => {
        if (life !== this.#life) throw new Error('this process was killed');
        this.receipts.push(structuredClone(receipt));
      },
      log: () => {},
      clock: this.#clock,
      random: this.#schedule?.random ?? (() => 0.5),
      timing: TIMING,
      wire: this.#sabotage.wire?.(wire) ?? wire,
    });
  }

  /** Ends as a killed process does: what it left on disk at that moment is all there is. */
  #kill(dir: string): void {
    const old = this.delivery;
    const copy = this.#directory();
    cpSync(dir, copy, { recursive: true });
    this.#life++;
    // Its file handles are given back; what it still writes nobody reads.
    this.#ended.push(old.stop(), this.open(copy));
  }

  /** The caller moves the clock until it resolves. */
  async end(): Promise<void> {
    while (this.#ended.length > 0) await this.#ended.shift();
    await this.delivery.stop();
    for (const dir of this.#dirs) rmSync(dir, { recursive: true, force: true });
  }

  #connector(): ConfiguredConnector<HttpTransport> {
    const { type, sample } = this.#subject;
    const text = JSON.stringify(sample.config).replaceAll('$SERVER', 'http://127.0.0.1:9');
    const connector = type.configure('soc', { ...JSON.parse(text), start: 'beginning' });
    const ageMsMax = Math.min(connector.batch.ageMsMax, 200);
    return { ...connector, batch: { ...connector.batch, ageMsMax } };
  }

  #source() {
    const { read, tip } = listSource(this.alerts);
    const { alert = (one: DeliverableAlert) => one } = this.#sabotage;
    return {
      tip,
      read: async (after: number, limit: number) => (await read(after, limit)).map(alert),
    };
  }

  #exchangeOf(life: number, dir: string): Exchange {
    const exchange: Exchange = (make, read, options) => {
      const answer = this.#answer(life, dir, make, options);
      return answer.then((said) => ('kind' in said ? said : read(said)), failureOf);
    };
    return this.#sabotage.exchange?.(exchange) ?? exchange;
  }

  async #answer(
    life: number,
    dir: string,
    make: () => HttpRequest,
    { attemptMs }: ExchangeOptions,
  ): Promise<HttpAnswer | Outcome> {
    const request = receivedOf(make());
    await new Promise((done) => setImmediate(done));
    const gone: Outcome = { kind: 'retry', reason: 'this process was killed' };
    if (life !== this.#life) return gone;
    const side = this.#side(request);
    const fault = this.#schedule?.next();
    const early = await this.#failEarly(fault, dir, attemptMs);
    if (early !== undefined) return life === this.#life ? early : gone;
    if (side !== undefined) return this.#answerOf(side);
    const reply = this.#take(request, fault);
    if (fault === 'kill-after') this.#kill(dir);
    if (fault === 'hang-kept') await this.#wait(attemptMs);
    if (life !== this.#life) return gone;
    if (fault === 'hang-kept') return late(attemptMs);
    if (fault === 'reset-kept') return failureOf(coded('ECONNRESET'));
    return this.#answerOf(reply);
  }

  /** What goes wrong before the destination has anything. */
  async #failEarly(
    fault: FaultName | undefined,
    dir: string,
    attemptMs: number,
  ): Promise<HttpAnswer | Outcome | undefined> {
    switch (fault) {
      case 'kill-before':
        this.#kill(dir);
        return late(attemptMs);
      case 'hang':
        await this.#wait(attemptMs);
        return late(attemptMs);
      case 'reset':
        return failureOf(coded('ECONNRESET'));
      case 'certificate':
        return failureOf(coded('CERT_HAS_EXPIRED'));
      case 'dns':
        return failureOf(coded('ENOTFOUND'));
      case 'status-429':
        return this.#answerOf({ status: 429, headers: { 'retry-after': '2' } });
      case 'status-400':
      case 'status-401':
      case 'status-413':
      case 'status-500':
        return this.#answerOf({ status: Number(fault.slice('status-'.length)) });
      default:
        return undefined;
    }
  }

  /** The destination has the alerts; hides one of them where it can. */
  #take(request: Received, fault: FaultName | undefined): Reply {
    const { accept, hide } = this.#subject.destination;
    const ids = [...new Set(request.body.match(ALERT_ID))];
    const known = new Set(this.alerts.map(({ id }) => id));
    this.strange.push(...ids.filter((id) => !known.has(id)));
    const own = ids.filter((id) => known.has(id));
    if (fault === 'hidden' && hide !== undefined) {
      this.arrived.push(...own.slice(1));
      return hide(request, own.slice(0, 1));
    }
    const reply = accept?.(request) ?? { status: 202 };
    const ticket = reply.headers?.['x-ticket'];
    if (ticket === undefined) this.arrived.push(...own);
    else this.#tickets.set(ticket, fault === 'unconfirmed' ? [] : own);
    return reply;
  }

  /** Tokens and confirmations: what is confirmed has arrived. */
  #side(request: Received): Reply | undefined {
    const reply = this.#subject.destination.side?.(request);
    if (reply === undefined || !request.url.endsWith('/confirm')) return reply;
    const asked = JSON.parse(request.body) as string[];
    const safe = asked.filter((ticket) => (this.#tickets.get(ticket) ?? []).length > 0);
    for (const ticket of safe) {
      this.arrived.push(...this.#tickets.get(ticket)!);
      this.#tickets.delete(ticket);
    }
    return { status: 200, body: JSON.stringify(safe) };
  }

  #answerOf({ status, headers = {}, body = '' }: Reply): HttpAnswer {
    const bytes = Buffer.from(body);
    const receivedAtMs = this.#clock.now();
    return { status, headers, body: bytes.toString('utf8'), bytes, receivedAtMs };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((done) => this.#clock.after(ms, done));
  }

  #directory(): string {
    const dir = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'vitrine-world-'));
    this.#dirs.push(dir);
    return dir;
  }
}

function receivedOf({ method, url, headers, body = new Uint8Array() }: HttpRequest): Received {
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : Buffer.from(body);
  return { method, url, headers, body: plain.toString('latin1'), at: 0 };
}

function late(attemptMs: number): Outcome {
  return { kind: 'retry', reason: `no answer within ${attemptMs} ms` };
}

function coded(code: string): Error {
  return Object.assign(new Error('it failed'), { code });
}
