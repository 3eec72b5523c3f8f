/** Checks a document against the facts of test/vectors/ecs: names, types, lists, allowed values. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { isObject, type Json, type JsonObject } from '../json.ts';

interface Field {
  type: string;
  array?: boolean;
  allowed?: string[];
  /** Of `event.category`: the types expected with each. */
  types?: Record<string, string[]>;
}

const FILE = new URL('../../../../test/vectors/ecs/fields.json', import.meta.url);
export const ECS = JSON.parse(readFileSync(FILE, 'utf8')) as {
  version: string;
  fields: Record<string, Field>;
};

const NUMBERS = ['long', 'integer', 'short', 'byte', 'scaled_float', 'float'];

/** What is wrong with the document, a line each; its own name space may hold anything. */
export function ecsMistakes(document: JsonObject): string[] {
  const mistakes: string[] = [];
  for (const [name, value] of Object.entries(document)) {
    if (name !== 'vitrine') check(name, value, mistakes);
  }
  const event = document.event as { category?: string[]; type?: string[] };
  const { types } = ECS.fields['event.category']!;
  const expected = (event.category ?? []).flatMap((category) => types![category]!);
  for (const type of event.category === undefined ? [] : event.type!) {
    if (!expected.includes(type)) mistakes.push(`event.type ${type} with ${event.category}`);
  }
  return mistakes;
}

function check(name: string, value: Json, mistakes: string[]): void {
  if (isObject(value)) {
    if (Object.keys(value).length === 0) mistakes.push(`${name} is empty`);
    for (const [member, item] of Object.entries(value)) check(`${name}.${member}`, item, mistakes);
    return;
  }
  const field = Object.hasOwn(ECS.fields, name) ? ECS.fields[name] : undefined;
  if (field === undefined) {
    mistakes.push(`${name} is no field`);
    return;
  }
  const isList = Array.isArray(value);
  if (isList !== (field.array === true)) mistakes.push(`${name}: ${isList ? 'a' : 'no'} list`);
  for (const item of isList ? value : [value]) {
    if (!fits(item, field.type)) mistakes.push(`${name} is no ${field.type}`);
    if (field.allowed && !field.allowed.includes(String(item))) mistakes.push(`${name} is ${item}`);
  }
}

function fits(value: Json, type: string): boolean {
  if (NUMBERS.includes(type)) return Number.isSafeInteger(value);
  if (typeof value !== 'string') return false;
  if (type === 'date') return !Number.isNaN(Date.parse(value));
  return type !== 'ip' || isIP(value) !== 0;
}
