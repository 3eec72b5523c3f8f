/**
 * Writing down what watches hold, and reading it back: records that wait, the sessions they belong
 * to (each once), and the leaves that alerts will rest on. What is read was written by this engine
 * but kept by others, so every step of it is checked.
 */
import { isObject, type Json, type JsonObject } from '@vitrine/schema';
import { DetectError } from './error.ts';
import type { DetectInput, Evidence } from './input.ts';
import { SessionContext } from './session.ts';
import { EventView } from './view.ts';

const ROW_TEXTS = ['log', 'leaf', 'session', 'shim', 'vantage', 'kind'] as const;

export class Saver {
  readonly contexts: JsonObject[] = [];
  readonly #places = new Map<SessionContext, number>();

  /** Where the session's description is kept; -1 for a session that nothing describes. */
  context(context: SessionContext | undefined): number {
    if (context === undefined) return -1;
    const known = this.#places.get(context);
    if (known !== undefined) return known;
    this.#places.set(context, this.contexts.length);
    return this.contexts.push(context.record) - 1;
  }

  row({ log, index, leaf, session, shim, vantage, kind, record }: DetectInput): Json {
    return [log, leaf, session, shim, vantage, kind, index, record];
  }

  view(view: EventView): Json {
    return [this.row(view.row), this.context(view.context), view.match ?? null];
  }
}

export class Restorer {
  readonly #contexts: SessionContext[];

  constructor(contexts: Json | undefined) {
    this.#contexts = listOf(contexts).map((record) => new SessionContext(objectOf(record)));
  }

  context(place: Json | undefined): SessionContext | undefined {
    const at = numberOf(place);
    if (at === -1) return undefined;
    return this.#contexts[at] ?? broken('a session is not described');
  }

  row(saved: Json | undefined): DetectInput {
    const members = listOf(saved);
    const texts = ROW_TEXTS.map((_, i) => textOf(members[i]));
    const [log, leaf, session, shim, vantage, kind] = texts as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const index = numberOf(members[6]);
    return { log, index, leaf, session, shim, vantage, kind, record: objectOf(members[7]) };
  }

  view(saved: Json | undefined): EventView {
    const [row, context, match] = listOf(saved);
    const facts = match === null ? undefined : objectOf(match);
    return new EventView(this.row(row), this.context(context), facts);
  }
}

export function saveEvidence(leaves: readonly Evidence[]): Json {
  return leaves.map(({ index, leaf, log }) => [index, leaf, log]);
}

export function evidenceIn(saved: Json | undefined): Evidence[] {
  return listOf(saved).map((one) => {
    const [index, leaf, log] = listOf(one);
    return { index: numberOf(index), leaf: textOf(leaf), log: textOf(log) };
  });
}

export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : broken('a list is missing');
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : broken('a map is missing');
}

export function numberOf(value: Json | undefined): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : broken('a number is missing');
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : broken('a text is missing');
}

/** `null` stands for what is not there. */
export function optional<T>(value: Json | undefined, read: (value: Json) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

export function broken(reason: string): never {
  throw new DetectError('SNAPSHOT_INVALID', `the snapshot cannot be read: ${reason}`, HINT);
}

const HINT = 'start without it: what detection remembers is read again from the log';
