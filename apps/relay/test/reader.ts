/**
 * The collector's side of a pull, as a test needs it: every record must be admissible where it
 * comes, carry the MAC of its place, and have parts that its commitments fit.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { admitRecord, partCommitment, ZERO_HASH } from '@vitrine/chain';
import { decodeLogsRequest, type JsonObject } from '@vitrine/schema';

interface Tip {
  seq: number;
  prev: Buffer;
  key: Buffer;
}

export interface ReadRecord {
  record: JsonObject;
  parts: Record<string, Buffer>;
}

export class Reader {
  readonly #macKey: Buffer;
  readonly #tips = new Map<string, Tip>();
  /** What came, by chain and in order. */
  readonly chains = new Map<string, ReadRecord[]>();

  constructor(macKey: Buffer) {
    this.#macKey = Buffer.from(macKey);
  }

  /** Last seq that came of each chain: what a pull on any chain carries. */
  get after(): Record<string, number> {
    return Object.fromEntries([...this.#tips].map(([chain, { seq }]) => [chain, seq - 1]));
  }

  get records(): ReadRecord[] {
    return [...this.chains.values()].flat();
  }

  /** The kinds that came of the one chain of this vantage, or of all of them in order of name. */
  kinds(vantage: string): string[] {
    const names = [...this.chains.keys()].filter((name) => name.endsWith(`.${vantage}`));
    return names.flatMap((name) => this.chains.get(name)!.map(({ record }) => String(record.kind)));
  }

  of(vantage: string): ReadRecord[] {
    return [...this.chains].flatMap(([name, list]) => (name.endsWith(`.${vantage}`) ? list : []));
  }

  /** Takes one page; returns how many records it has. */
  take(chain: string, body: Buffer): number {
    const logs = decodeLogsRequest(body);
    const tip = this.#tips.get(chain) ?? this.#begin(chain);
    for (const { body: bytes, attributes, eventName, timeUnixNano } of logs) {
      assert.ok(bytes instanceof Uint8Array);
      const { record, leaf } = admitRecord({ chain, seq: tip.seq, prev: tip.prev }, bytes);
      const mac = createHmac('sha256', tip.key).update(bytes).digest();
      assert.deepEqual(Buffer.from(attributes['vitrine.mac'] as Uint8Array), mac);
      assert.deepEqual([eventName, timeUnixNano], [record.kind, record.t]);
      tip.key = createHmac('sha256', tip.key).update('opp1').digest();
      tip.prev = leaf;
      tip.seq++;
      const parts = partsOf(record, attributes['vitrine.parts'] as Carried);
      this.chains.get(chain)!.push({ record, parts });
    }
    return logs.length;
  }

  #begin(chain: string): Tip {
    const key = createHmac('sha256', this.#macKey).update(chain).digest();
    const tip = { seq: 0, prev: ZERO_HASH, key };
    this.#tips.set(chain, tip);
    this.chains.set(chain, []);
    return tip;
  }
}

type Carried = Record<string, { salt: Uint8Array; data: Uint8Array }>;

function partsOf(record: JsonObject, carried: Carried): Record<string, Buffer> {
  const parts: Record<string, Buffer> = {};
  for (const [name, { salt, data }] of Object.entries(carried)) {
    parts[name] = Buffer.from(data);
    const commitment = partCommitment(salt, data).toString('base64');
    assert.equal((record.parts as JsonObject)[name], commitment);
  }
  assert.deepEqual(Object.keys(parts).sort(), Object.keys(record.parts as JsonObject).sort());
  return parts;
}
