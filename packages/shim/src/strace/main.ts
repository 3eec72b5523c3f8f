/**
 * The strace shim as a process: lines on stdin, events to the relay's intake, and on stdout the
 * number of lines that are dealt with, so that its parent knows what is lost if it dies.
 */
import { Scrubber, SHIM_BATCH_MS_MAX } from '@vitrine/schema';
import { readSettings, textSetting, textsSetting } from '../config.ts';
import { nowNanos } from '../send/event.ts';
import { ShimLife } from '../send/life.ts';
import { Outbox } from '../send/outbox.ts';
import { Intake } from '../send/post.ts';
import { StraceAdapter } from './adapter.ts';
import { feedLines } from './feed.ts';

/** Runs until stdin ends; resolves with the exit code: 1 when something could not be handed on. */
export async function runStraceShim(): Promise<number> {
  const settings = readSettings();
  const intake = new Intake(textSetting(settings, 'intake'));
  const log = (line: string): void => {
    process.stderr.write(`vitrine: ${line}\n`);
  };
  const outbox = new Outbox({
    shim: 'strace',
    post: (body) => intake.post(body),
    waitMs: SHIM_BATCH_MS_MAX,
    log,
  });
  const adapter = new StraceAdapter({
    forwarder: textSetting(settings, 'forwarder'),
    scrubber: new Scrubber(textsSetting(settings, 'secrets')),
    now: nowNanos,
  });
  const life = new ShimLife(outbox, () => adapter.counts);
  // The end of the pipe is the end of the sandbox; a signal to the terminal's group is not.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  const tell = doneTeller();
  await feedLines({
    input: process.stdin,
    adapter,
    outbox,
    onDone: tell,
    onStarted: () => life.hello(),
  });
  const whole = await life.bye();
  intake.close();
  if (whole) process.stdout.write(`${adapter.counts.lines}\n`);
  return whole ? 0 : 1;
}

/** At most one line on stdout for what one answer of the relay settles. */
function doneTeller(): (lines: number) => void {
  let highest = 0;
  let planned = false;
  return (lines) => {
    highest = lines;
    if (planned) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      process.stdout.write(`${highest}\n`);
    });
  };
}
