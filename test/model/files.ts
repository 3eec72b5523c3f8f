/** An intent store in memory that tells of every step that became durable. */
import type { IntentFiles, IntentKind } from '../../apps/collector/src/sequence/intent-files.ts';

/** After each durable step. May throw: then nothing after it happens. */
type AfterStep = (kind: IntentKind, content?: string | Buffer) => void;

export class ModelFiles {
  readonly #kinds = new Map<IntentKind, Map<string, Buffer>>([
    ['blob', new Map()],
    ['intent', new Map()],
    ['note', new Map()],
  ]);

  /** As one writer sees them. `createOnly` off: a store that lets the second writer win. */
  for(after: AfterStep, createOnly = true): IntentFiles {
    const files = (kind: IntentKind): Map<string, Buffer> => this.#kinds.get(kind)!;
    const put = (kind: IntentKind, name: string, content: string | Buffer): void => {
      files(kind).set(name, Buffer.from(content));
      after(kind, content);
    };
    return {
      names: (kind) => [...files(kind).keys()].sort(),
      has: (kind, name) => files(kind).has(name),
      read: (kind, name) => files(kind).get(name)!,
      replace: async (kind, name, content) => put(kind, name, content),
      create: async (kind, name, content) => {
        if (createOnly && files(kind).has(name)) return false;
        put(kind, name, content);
        return true;
      },
      remove: (kind, name) => {
        files(kind).delete(name);
        after(kind);
      },
    };
  }
}
