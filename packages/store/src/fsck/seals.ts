/** Each seal beside what it must say of the batch before it (LOG.md §3). */
import { ChainError, type Head, makeSeal, parseCanonical, type SealBody } from '@vitrine/chain';
import type { RecordRow } from '../row.ts';
import { DayReplay } from './days.ts';
import type { Findings } from './report.ts';

interface Tree {
  root: Buffer;
  size: number;
}

export class SealReplay {
  readonly #findings: Findings;
  readonly #days = new DayReplay();
  #n = 0;
  #t = -1n;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /**
   * `prev` is the tree before this batch (`null` when it is the first), `heads` gives the heads
   * after it, `brought` are the chains it has records of. Goes on from what the seal says, so that
   * one wrong seal is one finding.
   */
  check(
    row: Pick<RecordRow, 'idx' | 'record'>,
    prev: Tree | null,
    heads: () => Tree,
    brought: Iterable<Head>,
  ): void {
    const { idx } = row;
    const seal = sealOf(row.record);
    if (typeof seal === 'string') {
      this.#findings.add('records', idx, 'record', 'a seal (LOG.md §3)', seal);
      this.#n++;
      return;
    }
    const size = prev?.size ?? 0;
    this.#compare(idx, 'n', this.#n, seal.n);
    this.#compare(idx, 'first', size, seal.first);
    this.#compare(idx, 'count', idx - size, seal.count);
    this.#compare(idx, 'prev', treeText(prev), sealedText(seal.prev));
    if (seal.heads !== null) {
      this.#compare(idx, 'heads', treeText(heads()), sealedText(seal.heads));
    } else if (seal.n === 0) {
      this.#findings.add('records', idx, 'heads', 'heads in the first seal', 'null');
    }
    const t = BigInt(seal.t);
    this.#days.take(t, brought);
    this.#checkDay(idx, seal);
    if (t <= this.#t) this.#findings.add('records', idx, 't', `more than ${this.#t}`, seal.t);
    this.#t = t;
    this.#n = seal.n + 1;
  }

  #checkDay(idx: number, { day, days }: SealBody): void {
    if (day === undefined || days === undefined) return;
    const tree = this.#days.treeOf(day);
    if (tree === undefined) {
      this.#findings.add('records', idx, 'day', 'a day that is over and has no seal yet', day);
    } else this.#compare(idx, 'days', treeText(tree), sealedText(days));
  }

  #compare(idx: number, member: string, expected: unknown, found: unknown): void {
    if (expected !== found) this.#findings.add('records', idx, member, expected, found);
  }
}

/** The seal, or what keeps the text from being one. */
function sealOf(text: string): SealBody | string {
  const bytes = Buffer.from(text, 'utf8');
  try {
    const { kind, v, ...body } = parseCanonical(bytes);
    const seal = body as unknown as SealBody;
    return kind === 'seal' && v === 1 && makeSeal(seal).equals(bytes) ? seal : 'another record';
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
}

function treeText(tree: Tree | null): string {
  return tree === null ? 'null' : `${tree.size} ${tree.root.toString('base64')}`;
}

function sealedText(tree: { root: string; size: number } | null): string {
  return tree === null ? 'null' : `${tree.size} ${tree.root}`;
}
