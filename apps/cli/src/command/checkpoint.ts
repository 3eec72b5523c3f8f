/**
 * `checkpoint`: what the log has signed last, or what a bundle was made for; and the pin of it, by
 * which an auditor can prove later that nothing was rewritten since.
 */
import { join } from 'node:path';
import { BUNDLE_BYTES_MAX, isObject } from '@vitrine/schema';
import { Client } from '../client/client.ts';
import { absoluteDataDir } from '../config.ts';
import { CliError } from '../error.ts';
import { printJson } from '../print/io.ts';
import { readDataFile, readTextFile } from '../system/data-dir.ts';
import { readInput } from '../system/input.ts';
import {
  type DataOption,
  type Register,
  systemOf,
  withData,
  withExample,
  withJson,
} from './context.ts';

interface CheckpointOptions extends DataOption {
  json?: true;
  bundle?: string;
  pin?: string;
  trust?: string;
}

export const addCheckpoint: Register = (program, { io }) => {
  const command = program
    .command('checkpoint')
    .description('print the newest signed checkpoint of the log; --pin keeps it for later')
    .option('--bundle <file>', 'that of a bundle instead; no system is asked')
    .option('--pin <file>', 'write it as a pin, for verify --pin and export --pin')
    .option('--trust <file>', 'your trust file (default: trust.txt of the local data directory)')
    .action(async (options: CheckpointOptions) => {
      const note = await noteOf(options);
      const { checkpointOf, writePin } = await import('../system/note.ts');
      const { origin, size, root } = checkpointOf(note);
      if (options.pin !== undefined) {
        await refuseUntrusted(note, options);
        writePin(options.pin, note);
      }
      const pin = options.pin ?? null;
      if (options.json) {
        printJson(io, { origin, size, root: root.toString('base64'), note, pin });
      } else io.out(note.trimEnd());
      if (pin !== null) io.err(`pinned in ${pin}: later, verify --pin ${pin} with any new bundle`);
    });
  withExample(
    withJson(withData(command)),
    'checkpoint --pin today.pin',
    'checkpoint --bundle session.vitrine.json --trust trust.txt --pin today.pin',
  );
};

async function noteOf(options: CheckpointOptions): Promise<string> {
  if (options.bundle === undefined) {
    const system = systemOf(options);
    return new Client(system).checkpoint(system.log);
  }
  const bytes = await readInput(options.bundle, BUNDLE_BYTES_MAX);
  let bundle: unknown;
  try {
    bundle = JSON.parse(bytes.toString('utf8'));
  } catch {
    // Said below, as for any other file.
  }
  if (isObject(bundle) && typeof bundle.checkpoint === 'string') return bundle.checkpoint;
  const hint = 'verify says more: npx --no vitrine verify FILE';
  throw new CliError('FILE_UNREADABLE', `${options.bundle} is no bundle`, hint);
}

/** A pin that the verifier would not take must never be kept. */
async function refuseUntrusted(note: string, options: CheckpointOptions): Promise<void> {
  const { isTrustedNote, parseCheckpointNote, parseTrust } = await import('@vitrine/chain');
  const dataDir = absoluteDataDir(options.data);
  const file = options.trust ?? join(dataDir, 'trust.txt');
  const trust =
    options.trust === undefined ? readDataFile(dataDir, 'trust.txt') : readTextFile(options.trust);
  if (trust !== undefined && isTrustedNote(parseCheckpointNote(note), parseTrust(trust))) return;
  const message =
    trust === undefined
      ? `there is no --trust, and no trust file in ${dataDir}`
      : `no key of ${file} has signed this checkpoint`;
  const hint = 'give --trust FILE, the one you keep; nothing was written';
  throw new CliError('CHECKPOINT_UNTRUSTED', message, hint);
}
