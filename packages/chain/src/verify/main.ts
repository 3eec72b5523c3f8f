/**
 * `dist/vitrine-verify.mjs`: a module of the verifier, and its command for those who have nothing
 * else of Vitrine. In a browser only the module is used; Node is asked for when it is a command.
 */
import { NS_PER_MS, NS_PER_S } from './case.ts';
import { verifyBundleAsync } from './verify.ts';

export { verifyBundleAsync };

const TEXTS = ['trust', 'pin', 'now', 'max-age', 'expect-origin', 'expect-session', 'expect-chain'];
const FLAGS = ['require-closed', 'require-lossless', 'require-parts', 'all', 'help'];
const USAGE = `node vitrine-verify.mjs FILE --trust FILE [--pin FILE] [--now NS] [--max-age S]
[--expect-origin O] [--expect-session S] [--expect-chain C]
[--require-closed] [--require-lossless] [--require-parts] [--all]
Prints the verdict as JSON. Ends with 0 proven, 1 tampered, 2 malformed, usage or unreadable,
3 incomplete, 4 untrusted, 5 equivocation.`;
const EXIT_USAGE = 2;

async function command(args: string[]): Promise<number> {
  const { parseArgs } = await import('node:util');
  const { readFileSync } = await import('node:fs');
  const known = (type: 'string' | 'boolean') => (name: string) => [name, { type }];
  const options = Object.fromEntries([
    ...TEXTS.map(known('string')),
    ...FLAGS.map(known('boolean')),
  ]);
  const { values: given, positionals } = parseArgs({ args, options, allowPositionals: true });
  const values: Record<string, unknown> = given;
  const [file, ...more] = positionals;
  const text = (name: string) => values[name] as string | undefined;
  const flag = (name: string) => values[name] as boolean | undefined;
  const whole = (name: string): bigint | undefined => {
    const said = text(name);
    if (!/^(?:0|[1-9][0-9]{0,30})$/.test(said ?? '0'))
      throw new Error(`--${name} is a whole number`);
    return said === undefined ? undefined : BigInt(said);
  };
  if (flag('help')) {
    console.log(USAGE);
    return 0;
  }
  const [trust, pin, age] = [text('trust'), text('pin'), whole('max-age')];
  if (file === undefined || more.length > 0) throw new Error('one FILE is to be verified');
  if (trust === undefined) throw new Error('--trust is needed: a bundle carries no trust');
  const verdict = await verifyBundleAsync(readFileSync(file), readFileSync(trust, 'utf8'), {
    now: whole('now') ?? BigInt(Date.now()) * NS_PER_MS,
    pin: pin && readFileSync(pin, 'utf8'),
    maxAgeNs: age === undefined ? age : age * NS_PER_S,
    expect: {
      origin: text('expect-origin'),
      session: text('expect-session'),
      chain: text('expect-chain'),
    },
    requireClosed: flag('require-closed'),
    requireLossless: flag('require-lossless'),
    requireParts: flag('require-parts'),
    consume: true,
    all: flag('all'),
  });
  console.log(JSON.stringify(verdict, null, 2));
  return verdict.code;
}

async function isCommand(): Promise<boolean> {
  const script = globalThis.process?.argv[1];
  if (!script) return false;
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
