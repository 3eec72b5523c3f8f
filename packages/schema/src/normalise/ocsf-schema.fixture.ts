/**
 * Checks an event against the facts of test/vectors/ocsf: required members, unknown members,
 * profiles, types, enumerations, constraints.
 */
import { readFileSync } from 'node:fs';
import { isObject, type Json, type JsonObject } from '../json.ts';

interface Attribute {
  type: string;
  object_type?: string;
  is_array?: boolean;
  required?: boolean;
  profiles?: string[];
  enum?: string[];
}

interface Shape {
  uid?: number;
  category_uid?: number;
  caption?: string;
  profiles?: string[];
  constraints?: Record<string, string[]>;
  attributes: Record<string, Attribute>;
}

interface TypeFacts {
  type?: string;
  regex?: string;
  range?: [number, number];
  max_len?: number;
}

interface Schema {
  version: string;
  types: Record<string, TypeFacts>;
  classes: Record<string, Shape>;
  objects: Record<string, Shape>;
}

const FILE = new URL('../../../../test/vectors/ocsf/schema.json', import.meta.url);
export const SCHEMA = JSON.parse(readFileSync(FILE, 'utf8')) as Schema;

/** What is wrong with the event, a line each; empty where nothing is. */
export function ocsfMistakes(event: JsonObject): string[] {
  const found = Object.values(SCHEMA.classes).find(({ uid }) => uid === event.class_uid);
  if (found === undefined) return [`no class ${event.class_uid}`];
  const mistakes: string[] = [];
  const metadata = isObject(event.metadata) ? event.metadata : {};
  const profiles = (metadata.profiles ?? []) as string[];
  for (const name of profiles) {
    if (!found.profiles?.includes(name)) mistakes.push(`profile ${name} is not of this class`);
  }
  if (metadata.version !== SCHEMA.version) mistakes.push(`version ${metadata.version}`);
  if (event.category_uid !== found.category_uid) mistakes.push(`category ${event.category_uid}`);
  const type = Number(event.class_uid) * 100 + Number(event.activity_id);
  if (event.type_uid !== type) mistakes.push(`type_uid ${event.type_uid}`);
  checkObject(event, found, profiles, '', mistakes);
  return mistakes;
}

function checkObject(
  object: JsonObject,
  shape: Shape,
  profiles: string[],
  at: string,
  mistakes: string[],
): void {
  const there = (name: string) => Object.hasOwn(object, name);
  const isKnown = ({ profiles: gates }: Attribute) =>
    gates === undefined || gates.some((gate) => profiles.includes(gate));
  for (const [name, said] of Object.entries(shape.attributes)) {
    if (said.required && isKnown(said) && !there(name)) mistakes.push(`${at}${name} is missing`);
  }
  for (const [name, value] of Object.entries(object)) {
    const said = Object.hasOwn(shape.attributes, name) ? shape.attributes[name] : undefined;
    if (said === undefined) mistakes.push(`${at}${name} is unknown`);
    else if (!isKnown(said)) mistakes.push(`${at}${name} needs profile ${said.profiles}`);
    else checkValues(value, said, profiles, `${at}${name}`, mistakes);
  }
  const { at_least_one, just_one } = shape.constraints ?? {};
  if (at_least_one !== undefined && !at_least_one.some(there)) {
    mistakes.push(`${at} has none of ${at_least_one}`);
  }
  if (just_one !== undefined && just_one.filter(there).length !== 1) {
    mistakes.push(`${at} has not just one of ${just_one}`);
  }
}

function checkValues(
  value: Json,
  said: Attribute,
  profiles: string[],
  at: string,
  mistakes: string[],
): void {
  if (said.is_array !== Array.isArray(value) && (said.is_array || Array.isArray(value))) {
    mistakes.push(`${at} is ${said.is_array ? 'no' : 'a'} list`);
    return;
  }
  for (const item of Array.isArray(value) ? value : [value]) {
    if (said.object_type !== undefined) {
      // Both may hold anything.
      if (said.object_type === 'object' || said.type === 'json_t') continue;
      if (!isObject(item)) mistakes.push(`${at} is no object`);
      else checkObject(item, SCHEMA.objects[said.object_type]!, profiles, `${at}.`, mistakes);
      continue;
    }
    checkValue(item, said, at, mistakes);
  }
}

function checkValue(value: Json, said: Attribute, at: string, mistakes: string[]): void {
  if (said.type === 'json_t') return;
  const facts = SCHEMA.types[said.type]!;
  const base = facts.type ?? said.type;
  const fits =
    base === 'string_t'
      ? typeof value === 'string'
      : base === 'boolean_t'
        ? typeof value === 'boolean'
        : Number.isSafeInteger(value);
  if (!fits) mistakes.push(`${at} is no ${base}`);
  const { regex, range, max_len } = facts;
  const text = String(value);
  if (regex !== undefined && !new RegExp(regex).test(text))
    mistakes.push(`${at} is no ${said.type}`);
  if (max_len !== undefined && text.length > max_len) mistakes.push(`${at} is too long`);
  if (range && !(Number(value) >= range[0] && Number(value) <= range[1])) {
    mistakes.push(`${at} is out of range`);
  }
  if (said.enum && !said.enum.includes(text)) mistakes.push(`${at} is ${text}, not of its values`);
}
