/**
 * The relay as a process of its own: configured by one JSON document on standard input, ready when
 * it prints its one line, ended by SIGTERM, SIGINT or the end of standard input. Its parent keeps
 * standard input open, so a relay never outlives it.
 */
import { flushCompileCache } from 'node:module';
import { RELAY_CONFIG_BYTES_MAX } from '@vitrine/schema';
import { type RelayConfig, readConfig } from './config.ts';
import { RelayError } from './error.ts';
import { type Relay, runRelay } from './main.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
/** The configuration or the command line is wrong. */
const EXIT_USAGE = 2;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves with the exit code when the relay has ended. */
export async function relayProcess(args: string[]): Promise<number> {
  // Sockets and segments are made for their owner alone; the agent's socket is opened on purpose.
  process.umask(0o077);
  // Whoever read what this process says may be gone; that must not cost the last records.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    if (args.length > 0 && args.join(' ') !== '--config -') {
      throw new RelayError('CONFIG_INVALID', 'the only arguments are --config -');
    }
    const ended = endOfProcess();
    const relay = await runRelay(await configOf(process.stdin), { log });
    process.stdout.write(`${JSON.stringify({ ready: true, boot: relay.boot })}\n`);
    // Now, for a relay may end by being killed. Does nothing where the entry asked for no cache.
    flushCompileCache();
    return await runUntil(ended, relay);
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    log(
      `error ${error.code}: ${error.message}${error.hint === '' ? '' : `\n  hint: ${error.hint}`}`,
    );
    return error.code === 'CONFIG_INVALID' ? EXIT_USAGE : EXIT_FAILED;
  } finally {
    process.stdin.destroy();
  }
}

async function runUntil(ended: Promise<void>, relay: Relay): Promise<number> {
  await ended;
  await relay.stop();
  return EXIT_OK;
}

/** A second signal ends the process at once. */
function endOfProcess(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
    process.stdin.once('close', () => resolve());
  });
}

/** Reads until the document is whole: standard input stays open behind it. */
function configOf(stdin: NodeJS.ReadStream): Promise<RelayConfig> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (last: boolean): void => {
      const text = Buffer.concat(chunks).toString('utf8');
      if (!last && bytes <= RELAY_CONFIG_BYTES_MAX && !isWhole(text)) return;
      stdin.off('data', take);
      for (const chunk of chunks) chunk.fill(0);
      // Its end is what tells that the parent is gone.
      stdin.resume();
      try {
        resolve(readConfig(bytes > RELAY_CONFIG_BYTES_MAX ? '' : text));
      } catch (error) {
        reject(error);
      }
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      bytes += chunk.length;
      settle(false);
    };
    stdin.on('data', take);
    stdin.once('end', () => settle(true));
  });
}

function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
