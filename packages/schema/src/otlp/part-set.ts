/** The parts of one event while they are gathered: legal names only, and a cap on each. */
import type { JsonObject } from '../json.ts';
import { PART_BYTES_MAX } from '../limits.ts';

const PART_NAME = /^[a-z0-9_.-]{1,64}$/;

export class PartSet {
  readonly parts: Record<string, Uint8Array> = {};
  /** Bytes of the whole, by the name of each part that was cut. */
  #cut: JsonObject | undefined;

  /** False for a name that LOG.md §1 does not allow or that is taken. */
  add(name: string, data: Uint8Array): boolean {
    if (!PART_NAME.test(name) || name === '__proto__' || Object.hasOwn(this.parts, name)) {
      return false;
    }
    this.parts[name] = data;
    if (data.length > PART_BYTES_MAX) {
      this.parts[name] = Buffer.from(data.subarray(0, PART_BYTES_MAX));
      this.#cut ??= {};
      this.#cut[name] = data.length;
    }
    return true;
  }

  /** Says in `source` which parts are only the beginning of what came. */
  noteCuts(source: JsonObject): JsonObject {
    if (this.#cut !== undefined) source.cut = this.#cut;
    return source;
  }
}
