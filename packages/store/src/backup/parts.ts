/** The parts of one batch of a backup beside the commitments of its records. */
import { partCommitment } from '@vitrine/chain';
import { isObject, type JsonObject } from '@vitrine/schema';
import type { Coverage } from '../erase/coverage.ts';
import type { Ahead } from './ahead.ts';
import { type BackupPart, partOfLine } from './manifest.ts';
import type { Fault, WalkedRecord } from './walk.ts';

interface Batch {
  first: number;
  records: readonly WalkedRecord[];
  coverage: Coverage;
  onFault: (fault: Fault) => void;
}

export class PartsOfBatch {
  readonly kept: BackupPart[] = [];
  readonly #batch: Batch;

  constructor(batch: Batch) {
    this.#batch = batch;
  }

  async take(parts: Ahead, size: number): Promise<void> {
    const stored = new Set<string>();
    for (let line = await parts.peek(); line !== undefined; line = await parts.peek()) {
      const part = partOfLine(line);
      if (part.idx >= size) break;
      await parts.next();
      this.#judge(part);
      stored.add(`${part.idx}/${part.name}`);
    }
    for (const [i, { record }] of this.#batch.records.entries()) {
      const idx = this.#batch.first + i;
      for (const name of Object.keys(committedBy(record))) {
        if (stored.has(`${idx}/${name}`) || this.#gone(idx, record, name)) continue;
        const what = 'not there, and no record says why';
        this.#batch.onFault({ kind: 'absent', place: `part ${idx}/${name}`, what });
      }
    }
  }

  #judge(part: BackupPart): void {
    const place = `part ${part.idx}/${part.name}`;
    const record = this.#batch.records[part.idx - this.#batch.first]?.record ?? {};
    const committed = committedBy(record);
    const hash = partCommitment(part.salt, part.data).toString('base64');
    if (!Object.hasOwn(committed, part.name) || committed[part.name] !== hash) {
      const what = 'not what its record commits to';
      this.#batch.onFault({ kind: 'lost', place, what });
    } else if (this.#gone(part.idx, record, part.name)) {
      const what = 'redacted or expired since, and still here: run vitrine backup again';
      this.#batch.onFault({ kind: 'stale', place, what });
    } else this.kept.push(part);
  }

  #gone(idx: number, { session, shim, seq }: JsonObject, name: string): boolean {
    return this.#batch.coverage.of(idx, `${session}/${shim}`, Number(seq), name) !== undefined;
  }
}

function committedBy({ parts }: JsonObject): JsonObject {
  return isObject(parts) ? parts : {};
}
