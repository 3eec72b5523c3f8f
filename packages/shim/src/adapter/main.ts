/**
 * A shim as a process: bytes of its emitter on stdin, events to the relay's intake, and on stdout
 * the number of frames that are dealt with, so that its parent knows what is lost if it dies.
 */
import { Scrubber, SHIM_BATCH_MS_MAX } from '@vitrine/schema';
import { grantsSetting, readSettings, textSetting, textsSetting } from '../config.ts';
import { nowNanos } from '../send/event.ts';
import { ShimLife } from '../send/life.ts';
import { Outbox } from '../send/outbox.ts';
import { Intake } from '../send/post.ts';
import type { Adapter, AdapterSettings } from './adapter.ts';
import { Feed, type FeedInput } from './feed.ts';
import type { Framing } from './frames.ts';

export interface StreamShim {
  name: string;
  framing: Framing;
  adapter: (settings: AdapterSettings) => Adapter;
  /** Where it reads instead of stdin. */
  inputs?: (given: Record<string, unknown>, log: (line: string) => void) => Inputs;
}

export interface Inputs {
  inputs: FeedInput[];
  /** Asks the emitter to end; each input then comes to its own end. */
  stop: () => void;
  /** How the emitter ended, if that was not in order; it is told, for nobody sees from then on. */
  failed?: Promise<string | undefined>;
}

/** What the command line has in common for all of them. */
export interface Options {
  intake?: string;
  /** `ro:/path`, `rw:/path`, `rw_no_delete:/path` */
  grant?: string[];
}

/** Runs until its input ends; resolves with the exit code: 1 when something was not handed on. */
export async function runStreamShim(shim: StreamShim, options?: Options): Promise<number> {
  const given = options?.intake === undefined ? readSettings() : fromOptions(options);
  const intake = new Intake(textSetting(given, 'intake'));
  const log = (line: string): void => {
    process.stderr.write(`vitrine: ${line}\n`);
  };
  const outbox = new Outbox({
    shim: shim.name,
    post: (body) => intake.post(body),
    waitMs: SHIM_BATCH_MS_MAX,
    log,
  });
  const adapter = shim.adapter({
    scrubber: new Scrubber(textsSetting(given, 'secrets')),
    grants: grantsSetting(given),
    now: nowNanos,
    given,
  });
  const life = new ShimLife(outbox, () => adapter.counts);
  const feed = new Feed({ adapter, outbox, onDone: doneTeller(), onStarted: () => life.hello() });
  // Before anything is started that could be seen, and answered with a signal.
  let onSignal = (): void => {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => onSignal());
  const { inputs, stop, failed } = shim.inputs?.(given, log) ?? {
    inputs: [{ stream: process.stdin, framing: shim.framing }],
    // The end of the pipe is the end of the sandbox; a signal to the terminal's group is not.
    stop: () => {},
  };
  onSignal = stop;
  await Promise.all(inputs.map((input) => feed.read(input)));
  feed.end();
  const reason = await failed;
  if (reason !== undefined) {
    log(reason);
    const attributes = { reason, count: 0 };
    outbox.add({ kind: 'telemetry.drop', t: nowNanos(), attributes }).catch(() => {});
  }
  const whole = await life.bye();
  intake.close();
  if (whole) process.stdout.write(`${adapter.counts.frames}\n`);
  return whole && reason === undefined ? 0 : 1;
}

function fromOptions({ grant = [], ...given }: Options): Record<string, unknown> {
  const grants = grant.map((text) => {
    const colon = text.indexOf(':');
    return { mode: text.slice(0, colon), path: text.slice(colon + 1) };
  });
  return { ...given, grants };
}

/** At most one line on stdout for what one answer of the relay settles. */
function doneTeller(): (frames: number) => void {
  let highest = 0;
  let planned = false;
  return (frames) => {
    highest = frames;
    if (planned) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      process.stdout.write(`${highest}\n`);
    });
  };
}
