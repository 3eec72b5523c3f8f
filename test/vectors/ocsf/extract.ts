/**
 * Writes `schema.json`: of a compiled OCSF schema the facts that tests need, without its prose.
 * `node test/vectors/ocsf/extract.ts ocsf-1.8.0.json`
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Attribute {
  type: string;
  object_type?: string;
  is_array?: true;
  requirement?: string;
  profiles?: string[];
  enum?: Record<string, unknown>;
}

interface Shape {
  uid?: number;
  category_uid?: number;
  caption: string;
  profiles?: string[];
  constraints?: Record<string, string[]>;
  attributes: Record<string, Attribute>;
}

interface Compiled {
  version: string;
  classes: Record<string, Shape>;
  objects: Record<string, Shape>;
  dictionary: { types: { attributes: Record<string, Record<string, unknown>> } };
}

/** The classes that the project emits, by `class_uid`. */
const EMITTED = [
  0, 1001, 1003, 1006, 1007, 1008, 2004, 3002, 3003, 3004, 4001, 4002, 4003, 5019, 6002, 6003, 6007,
];

const compiled = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Compiled;
const classes = Object.entries(compiled.classes).filter(([, { uid }]) => EMITTED.includes(uid!));
const objects = new Map<string, Shape>();
const waiting = classes.map(([, shape]) => shape);
for (let shape = waiting.pop(); shape !== undefined; shape = waiting.pop()) {
  for (const { object_type: name } of Object.values(shape.attributes)) {
    const found = name === undefined ? undefined : compiled.objects[name];
    if (found === undefined || objects.has(name!)) continue;
    objects.set(name!, found);
    waiting.push(found);
  }
}
const types = Object.entries(compiled.dictionary.types.attributes).map(([name, said]) => {
  const { type, regex, range, max_len } = said;
  return [name, { type, regex, range, max_len }] as const;
});
const lines = [
  `"version": ${JSON.stringify(compiled.version)}`,
  `"types": {\n${lined(types)}\n}`,
  `"classes": {\n${lined(classes.map(([name, shape]) => [name, slim(shape)]))}\n}`,
  `"objects": {\n${lined([...objects].map(([name, shape]) => [name, slim(shape)]))}\n}`,
];
writeFileSync(new URL('schema.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);

function lined(entries: (readonly [string, unknown])[]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return lines.join(',\n');
}

function slim(shape: Shape): object {
  const { uid, category_uid, caption, profiles, constraints } = shape;
  const attributes = Object.entries(shape.attributes).map(([name, said]) => {
    const { type, object_type, is_array, requirement, profiles: gates } = said;
    const values = said.enum === undefined ? undefined : Object.keys(said.enum);
    const required = requirement === 'required' ? true : undefined;
    const kept = { type, object_type, is_array, required, profiles: gates ?? undefined };
    return [name, { ...kept, enum: values }];
  });
  const head = uid === undefined ? {} : { uid, category_uid, caption, profiles };
  return { ...head, constraints, attributes: Object.fromEntries(attributes) };
}
