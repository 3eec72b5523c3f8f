/**
 * The relay as a process of its own: configured by one JSON document, ready when it prints its one
 * line, ended by SIGTERM or SIGINT. A parent that gives the document on standard input keeps that
 * open, so such a relay never outlives it.
 */
import { fstatSync } from 'node:fs';
import module from 'node:module';
import { configOfInput, takeConfigFile } from './config-input.ts';
import { RelayError } from './error.ts';
import { type Relay, runRelay } from './main.ts';

const STDIN = 0;
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
    const file = fileAsked(args);
    const config = file === undefined ? await configOfInput() : takeConfigFile(file);
    const ended = endOfProcess(file === undefined);
    const relay = await runRelay(config, { log });
    const { boot, addresses } = relay;
    process.stdout.write(`${JSON.stringify({ ready: true, boot, ...addresses })}\n`);
    // Now, for a relay may end by being killed. Does nothing where the entry asked for no cache.
    module.flushCompileCache?.();
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

/** `undefined`: standard input. */
function fileAsked(args: string[]): string | undefined {
  const [option, file, ...rest] = args;
  if (option === undefined || (option === '--config' && file === '-' && rest.length === 0)) {
    return undefined;
  }
  if (option === '--config' && file !== undefined && rest.length === 0) return file;
  throw new RelayError('CONFIG_INVALID', 'the only arguments are --config - or --config FILE');
}

/**
 * A second signal ends the process at once. A document that a shell has redirected from a file is
 * nobody's hand: its end says nothing of a parent.
 */
function endOfProcess(withInput: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
    if (withInput && !fstatSync(STDIN).isFile())
      process.stdin.once('close', () => resolve()).resume();
  });
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
