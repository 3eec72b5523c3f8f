/** Changes a bundle file at random: a bit, a value of the JSON, a value in a record's text. */
import type { Json, JsonObject } from '@vitrine/schema';
import type { Subject } from '../attacks/row.ts';
import type { Random } from './random.ts';

type Branch = Json[] | JsonObject;

const VALUES: Json[] = [
  ...[null, true, 0, 1, -1, 1.5, 2 ** 53 - 1, 2 ** 53, '', 'é', '\ud800', [], {}, [1], { a: 1 }],
  ...['s1', 's2/sup', 'log/audit', '1764000000000000000', `${'A'.repeat(43)}=`],
];
const KEYS = ['x', '__proto__', 'é', 'day', 'days', 'head', 'neighbours', 'consistency', 'broken'];
const LETTERS = [...'aA09/.=+ \n\t—é"\\{},:#-\u007f\u00a0\u200b\u0000'];

/** A changed copy, or the same where the change hit nothing. */
export function mutated(subject: Subject, random: Random): Subject {
  const { bundle, args } = subject;
  switch (random.below(8)) {
    case 0:
    case 1:
      return { bundle: flipped(bundle, random), args };
    case 2:
      return { bundle: spliced(bundle, random), args };
    case 3:
      return { bundle, args: { ...args, trust: letter(args.trust, random) } };
    case 4:
      return { bundle: inText(bundle, random, (text) => letter(text, random)), args };
    case 5:
      return args.pin === undefined
        ? { bundle: inTree(bundle, random), args }
        : { bundle, args: { ...args, pin: letter(args.pin, random) } };
    case 6:
      return { bundle: inTree(bundle, random), args };
    default:
      return { bundle: inText(bundle, random, (text) => textTree(text, random)), args };
  }
}

function flipped(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
}

/** A few bytes from elsewhere in the file, in place of others. */
function spliced(bytes: Buffer, random: Random): Buffer {
  const [to, from] = [random.below(bytes.length), random.below(bytes.length)];
  const [cut, length] = [random.below(8), random.below(8)];
  const middle = bytes.subarray(from, from + length);
  return Buffer.concat([bytes.subarray(0, to), middle, bytes.subarray(to + cut)]);
}

function letter(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const put = random.once(3) ? '' : random.pick(LETTERS);
  return text.slice(0, at) + put + text.slice(at + random.below(2));
}

function inTree(bundle: Buffer, random: Random): Buffer {
  const root = parsed(bundle.toString());
  if (root === undefined) return bundle;
  change(root, random);
  return Buffer.from(sorted(root));
}

/** Changes one of the texts in which a bundle carries leaves and notes. */
function inText(bundle: Buffer, random: Random, edit: (text: string) => string): Buffer {
  const root = parsed(bundle.toString());
  if (root === undefined) return bundle;
  const long = branchesOf(root).flatMap((branch) => {
    const texts = Object.entries(branch as JsonObject);
    return texts.flatMap(([key, text]) => {
      return typeof text === 'string' && text.length > 100 ? [{ branch, key, text }] : [];
    });
  });
  if (long.length === 0) return bundle;
  const { branch, key, text } = random.pick(long);
  Object.assign(branch, { [key]: edit(text) });
  return Buffer.from(sorted(root));
}

function textTree(text: string, random: Random): string {
  const root = parsed(text);
  if (root === undefined) return letter(text, random);
  change(root, random);
  return sorted(root);
}

/** Every object and array of a tree. */
function branchesOf(value: Json): Branch[] {
  if (value === null || typeof value !== 'object') return [];
  return [value as Branch, ...Object.values(value).flatMap((inner) => branchesOf(inner))];
}

function change(root: Branch, random: Random): void {
  const branch = random.pick(branchesOf(root).filter((inner) => Object.keys(inner).length > 0));
  const key = random.pick(Object.keys(branch));
  const values = branch as JsonObject;
  const value = values[key]!;
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(branch)) branch.splice(Number(key), 1);
      else delete values[key];
      return;
    case 1:
      if (Array.isArray(branch)) branch.splice(Number(key), 0, structuredClone(value));
      else Object.defineProperty(values, random.pick(KEYS), property(random.pick(VALUES)));
      return;
    case 2:
      if (Array.isArray(branch)) branch.reverse();
      else values[key] = random.pick(VALUES);
      return;
    case 3:
      values[key] = structuredClone(random.pick(Object.values(random.pick(branchesOf(root)))) ?? 0);
      return;
    default:
      if (typeof value === 'number') values[key] = value + random.pick([-1, 1, 2, 64]);
      else if (typeof value === 'string') values[key] = letter(value, random);
      else values[key] = random.pick(VALUES);
  }
}

/** JSON with its keys in order: a change is then not refused for its form alone. */
function sorted(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${sorted(inner)}`).join()}}`;
}

function property(value: Json): PropertyDescriptor {
  return { value, enumerable: true, configurable: true, writable: true };
}

function parsed(text: string): Branch | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return value !== null && typeof value === 'object' && Object.keys(value).length > 0
      ? (value as Branch)
      : undefined;
  } catch {
    return undefined;
  }
}
