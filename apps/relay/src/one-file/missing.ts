/**
 * What Node 20 lacks of the language that the relay is written in. Imported before anything else of
 * the one-file relay; changes nothing where Node has it.
 */

/** ECMAScript 2024 §27.2.4.8. */
Promise.withResolvers ??= function withResolvers<T>() {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new Promise<T>((taken, refused) => {
    resolve = taken;
    reject = refused;
  });
  return { promise, resolve, reject };
};
