/**
 * Alerts a destination will not take. Durable before the cursor passes them. A letter names its
 * alert and never holds it: the alert stays in the log, where replay reads it, and what became of
 * it is told by receipts there, so that a start may leave out what is over.
 */
import { DEAD_LETTERS_MAX } from '@vitrine/schema';
import type { DeadLetter } from '@vitrine/schema/api';
import { z } from 'zod';
import { ConnectorError } from '../error.ts';
import { LineFile, replaceFile } from './durable.ts';

const letterSchema = z.strictObject({
  id: z.string(),
  log: z.string(),
  index: z.number().int().min(0),
  leaf: z.string(),
  session: z.string(),
  rule: z.string(),
  reason: z.string(),
  attempts: z.number().int().min(1),
  at: z.string(),
}) satisfies z.ZodType<DeadLetter>;

const lineSchema = z.union([
  z.strictObject({ dead: letterSchema }),
  z.strictObject({ delivered: z.strictObject({ id: z.string(), at: z.string() }) }),
  z.strictObject({
    dropped: z.strictObject({ id: z.string(), at: z.string(), reason: z.string() }),
  }),
]);

export class DeadLetters {
  readonly #file: LineFile;
  /** Those that wait, in the order they died. */
  readonly #waiting: Map<string, DeadLetter>;

  private constructor(file: LineFile, waiting: Map<string, DeadLetter>) {
    this.#file = file;
    this.#waiting = waiting;
  }

  /** Throws DELIVERY_STATE_CORRUPT. */
  static async open(path: string): Promise<DeadLetters> {
    const { file, lines } = await LineFile.open(path);
    const waiting = new Map<string, DeadLetter>();
    for (const [i, line] of lines.entries()) {
      const entry = readLine(line);
      if (entry === undefined) {
        await file.close();
        const message = `${path}: line ${i + 1} is not a dead letter`;
        const hint = 'restore the file, or move it away';
        throw new ConnectorError('DELIVERY_STATE_CORRUPT', message, hint);
      }
      if ('dead' in entry) waiting.set(entry.dead.id, entry.dead);
      else if ('delivered' in entry) waiting.delete(entry.delivered.id);
      else waiting.delete(entry.dropped.id);
    }
    if (lines.length <= DEAD_LETTERS_MAX || lines.length < 2 * waiting.size) {
      return new DeadLetters(file, waiting);
    }
    await file.close();
    const letters = [...waiting.values()].map((dead) => `${JSON.stringify({ dead })}\n`);
    await replaceFile(path, letters.join(''));
    return new DeadLetters((await LineFile.open(path)).file, waiting);
  }

  get size(): number {
    return this.#waiting.size;
  }

  list(): DeadLetter[] {
    return [...this.#waiting.values()];
  }

  get(id: string): DeadLetter | undefined {
    return this.#waiting.get(id);
  }

  /** Durable when it resolves. A letter that dies again takes the place of the older one. */
  async add(letter: DeadLetter): Promise<void> {
    await this.#file.append(JSON.stringify({ dead: letter }));
    this.#waiting.set(letter.id, letter);
  }

  /** A replay was accepted. */
  async resolve(id: string, at: string): Promise<void> {
    await this.#file.append(JSON.stringify({ delivered: { id, at } }));
    this.#waiting.delete(id);
  }

  /** A person gave it up. */
  async drop(id: string, at: string, reason: string): Promise<void> {
    await this.#file.append(JSON.stringify({ dropped: { id, at, reason } }));
    this.#waiting.delete(id);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function readLine(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
