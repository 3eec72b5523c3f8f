/** Many small commands, a few at once. */

/** Two cores are the floor; a third process uses what the others leave. */
const AT_ONCE = 3;

export async function inParallel<T>(items: T[], act: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
