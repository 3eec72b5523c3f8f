/** A record as a flat list of names and values, in the order of its canonical text. */
import { isObject, type Json, type JsonObject } from '@vitrine/schema/record';

export interface Field {
  /** `process.argv[0]`; a name that holds a dot or a bracket is quoted. */
  name: string;
  /** As JSON has it, without quotes around a text. */
  value: string;
  type: 'text' | 'number' | 'boolean' | 'null' | 'empty';
}

export function flatten(record: JsonObject): Field[] {
  const fields: Field[] = [];
  for (const [name, value] of Object.entries(record)) walk(nameOf(name), value, fields);
  return fields;
}

function walk(name: string, value: Json, fields: Field[]): void {
  if (Array.isArray(value)) {
    if (value.length === 0) fields.push({ name, value: '[]', type: 'empty' });
    for (const [i, one] of value.entries()) walk(`${name}[${i}]`, one, fields);
  } else if (isObject(value)) {
    const members = Object.entries(value);
    if (members.length === 0) fields.push({ name, value: '{}', type: 'empty' });
    for (const [member, one] of members) walk(`${name}.${nameOf(member)}`, one, fields);
  } else fields.push({ name, ...scalar(value) });
}

function scalar(value: Json): Pick<Field, 'value' | 'type'> {
  if (value === null) return { value: 'null', type: 'null' };
  if (typeof value === 'number') return { value: String(value), type: 'number' };
  if (typeof value === 'boolean') return { value: String(value), type: 'boolean' };
  return { value: String(value), type: 'text' };
}

function nameOf(member: string): string {
  return /^[^.[\]"]+$/.test(member) ? member : JSON.stringify(member);
}
