/**
 * The three metadata functions that `@peculiar/x509` needs before it loads (its container library
 * asks for them and nothing else). Import this first. A full polyfill that is there already stays.
 */

type Metadata = Map<unknown, unknown>;

interface WithMetadata {
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
  getMetadata?: (key: unknown, target: object) => unknown;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
}

const store = new WeakMap<object, Metadata>();
const reflect = Reflect as WithMetadata;

reflect.defineMetadata ??= (key, value, target) => {
  const known = store.get(target) ?? new Map<unknown, unknown>();
  store.set(target, known.set(key, value));
};
reflect.getOwnMetadata ??= (key, target) => store.get(target)?.get(key);
reflect.getMetadata ??= (key, target) => {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    const known = store.get(at);
    if (known?.has(key)) return known.get(key);
  }
  return undefined;
};
