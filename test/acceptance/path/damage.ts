/** Bundles with one byte changed: at places whose meaning is known, and at any place. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { inParallel } from './batch.ts';
import { Chance } from './chance.ts';
import { Stage } from './collector-process.ts';
import { vitrineIn } from './system.ts';

const TAMPERED = 1;
const MALFORMED = 2;
const INCOMPLETE = 3;
const UNTRUSTED = 4;
const ANYWHERE = 12;
const SEED_END = 2 ** 31;

interface Bundle {
  checkpoint: string;
  seal: { record: string; proof: string[] };
  chains: {
    chain: string;
    records: string[];
    parts: Record<string, Record<string, { salt: string; data: string }>>;
    tip: { index: number; proof: string[] };
  }[];
  attached: { index: number; record: string; proof: string[] }[];
}

interface Damage {
  what: string;
  code: number;
  text: string;
}

interface Files {
  session: string;
  event: string;
  trust: string;
}

/** `VITRINE_DAMAGE_SEED` repeats a run. */
export async function damagesEverywhere(
  t: TestContext,
  folder: string,
  files: Files,
): Promise<void> {
  const seed = Number(process.env.VITRINE_DAMAGE_SEED ?? Math.floor(Math.random() * SEED_END));
  t.diagnostic(`VITRINE_DAMAGE_SEED=${seed}`);
  const stage = new Stage(t);
  const [session, event] = [files.session, files.event].map((name) => {
    return readFileSync(join(folder, name), 'utf8');
  });
  const damages: (Omit<Damage, 'code'> & { code?: number })[] = [
    ...sessionDamages(session!),
    ...eventDamages(event!),
    ...anywhere(session!, new Chance(seed)),
  ];
  const trust = join(folder, files.trust);
  await inParallel([...damages.entries()], async ([i, { what, code, text }]) => {
    const file = `damaged-${i}.vitrine.json`;
    writeFileSync(join(stage.dir, file), text);
    const ran = await vitrineIn(stage.dir, 'verify', file, '--trust', trust);
    const said = `${what}: ${ran.stdout}${ran.stderr}`;
    if (code !== undefined) assert.equal(ran.code, code, said);
    else assert.ok([1, 2, 3, 4, 5].includes(ran.code!), said);
  });
}

function sessionDamages(text: string): Damage[] {
  const { checkpoint, seal, chains } = JSON.parse(text) as Bundle;
  const longest = chains.toSorted((a, b) => b.records.length - a.records.length)[0]!;
  const [, middle = ''] = longest.records;
  const part = Object.values(chains.flatMap((chain) => Object.values(chain.parts))[0] ?? {})[0]!;
  const [origin = '', size = '', root = ''] = checkpoint.split('\n');
  const signature = checkpoint.trimEnd().split(' ').at(-1)!;
  const damaged = (what: string, code: number, old: string, at = 0): Damage => {
    return { what, code, text: exchanged(text, old, withOther(old, at)) };
  };
  return [
    damaged('a record in the middle', TAMPERED, quoted(middle), timeIn(quoted(middle))),
    damaged('the last record', TAMPERED, ...lastTime(longest.records)),
    damaged('the content of a part', TAMPERED, part.data),
    damaged('the salt of a part', TAMPERED, part.salt),
    damaged('the proof of a chain', TAMPERED, longest.tip.proof[0]!),
    damaged('the proof of the seal', TAMPERED, seal.proof[0]!),
    damaged('the seal', TAMPERED, quoted(seal.record), timeIn(quoted(seal.record))),
    damaged('the root in the note', TAMPERED, root),
    damaged('the size in the note', TAMPERED, `\\n${size}\\n`, 2),
    damaged('the signature', TAMPERED, signature, signature.length >> 1),
    damaged('the key id of the signature', UNTRUSTED, signature),
    damaged('the origin in the note', UNTRUSTED, `"${origin}`, 1),
    damaged('the format', MALFORMED, 'vitrine-bundle/1', 'vitrine-bundle/1'.length - 1),
    damaged('the name of a member', MALFORMED, '"records"', 1),
    { what: 'the last byte', code: MALFORMED, text: text.slice(0, -1) },
  ];
}

function eventDamages(text: string): Damage[] {
  const { attached } = JSON.parse(text) as Bundle;
  const [{ record, proof }] = attached as [Bundle['attached'][number]];
  const claim = '"claim":{"index":';
  const index = text.indexOf(claim) + claim.length;
  const damaged = (what: string, old: string, at = 0): Damage => {
    return { what, code: TAMPERED, text: exchanged(text, old, withOther(old, at)) };
  };
  return [
    damaged('the event', quoted(record), timeIn(quoted(record))),
    damaged('the proof of the event', proof[0]!),
    { what: 'the claim', code: INCOMPLETE, text: withOther(text, index) },
  ];
}

function anywhere(text: string, chance: Chance): Omit<Damage, 'code'>[] {
  return Array.from({ length: ANYWHERE }, () => {
    const at = chance.between(0, text.length);
    const other = String.fromCharCode(text.charCodeAt(at) ^ 1);
    return { what: `byte ${at}`, text: text.slice(0, at) + other + text.slice(at + 1) };
  });
}

/** The last record of a chain, and where its time is in it. */
function lastTime(records: string[]): [string, number] {
  const last = quoted(records.at(-1)!);
  return [last, timeIn(last)];
}

/** A digit that may be any other without harm to the form. */
function timeIn(record: string): number {
  const found = /\\"t\\":\\"\d+/.exec(record);
  assert.ok(found !== null, record);
  return found.index + found[0].length - 1;
}

/** A text as it stands in the bundle, without its quotation marks. */
function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Another character of the same kind: digits, and the first of base64, may be exchanged freely. */
function withOther(text: string, at: number): string {
  const old = text[at]!;
  const other = /\d/.test(old) ? (old === '5' ? '6' : '5') : old === 'A' ? 'B' : 'A';
  return text.slice(0, at) + other + text.slice(at + 1);
}

function exchanged(text: string, old: string, changed: string): string {
  assert.ok(text.includes(old), `the bundle has no ${old}`);
  return text.replace(old, () => changed);
}
