/**
 * `dist/vitrine-verify.mjs`: a module of the verifier, and its command for those who have nothing
 * else of Vitrine. In a browser only the module is used; Node is asked for when it is a command.
 */
import { verifyBundleAsync } from './verify.ts';

export { verifyBundleAsync };

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
const OPTIONS = {
  trust: TEXT,
  pin: TEXT,
  now: TEXT,
  'max-age': TEXT,
  'expect-origin': TEXT,
  'expect-session': TEXT,
  'expect-chain': TEXT,
  'require-closed': FLAG,
  'require-lossless': FLAG,
  'require-parts': FLAG,
  all: FLAG,
  help: FLAG,
};
const USAGE = `node vitrine-verify.mjs FILE --trust FILE [--pin FILE] [--now NS] [--max-age S]
  [--expect-origin O] [--expect-session S] [--expect-chain C]
  [--require-closed] [--require-lossless] [--require-parts] [--all]
Prints the verdict as JSON. Ends with 0 proven, 1 tampered, 2 malformed, usage or unreadable,
3 incomplete, 4 untrusted, 5 contradiction between signed statements.`;
const WHOLE = /^(?:0|[1-9][0-9]{0,30})$/;
const EXIT_USAGE = 2;
const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

async function command(args: string[]): Promise<number> {
  const { parseArgs } = await import('node:util');
  const { readFileSync } = await import('node:fs');
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help === true) console.log(USAGE);
  if (values.help === true) return 0;
  const [file, ...more] = positionals;
  const { trust, pin, now, 'max-age': age } = values;
  if (file === undefined || more.length > 0) throw new Error('one FILE is to be verified');
  if (trust === undefined) throw new Error('--trust is needed: a bundle carries no trust');
  for (const text of [now, age]) {
    if (text !== undefined && !WHOLE.test(text)) throw new Error(`${text} is no whole number`);
  }
  const verdict = await verifyBundleAsync(readFileSync(file), readFileSync(trust, 'utf8'), {
    now: now === undefined ? BigInt(Date.now()) * NS_PER_MS : BigInt(now),
    pin: pin === undefined ? undefined : readFileSync(pin, 'utf8'),
    maxAgeNs: age === undefined ? undefined : BigInt(age) * NS_PER_S,
    expect: {
      origin: values['expect-origin'],
      session: values['expect-session'],
      chain: values['expect-chain'],
    },
    requireClosed: values['require-closed'],
    requireLossless: values['require-lossless'],
    requireParts: values['require-parts'],
    all: values.all,
  });
  console.log(JSON.stringify(verdict, null, 2));
  return verdict.code;
}

async function isCommand(): Promise<boolean> {
  const [, script] = globalThis.process?.argv ?? [];
  if (script === undefined) return false;
  const { realpathSync } = await import('node:fs');
  const { pathToFileURL } = await import('node:url');
  return pathToFileURL(realpathSync(script)).href === import.meta.url;
}

if (await isCommand()) {
  process.exitCode = await command(process.argv.slice(2)).catch((error: Error) => {
    console.error(`error USAGE: ${error.message}\n\n${USAGE}`);
    return EXIT_USAGE;
  });
}
