/**
 * What a client remembers on its own disk of what it sent and of what was acknowledged: one JSON
 * line each. An acknowledgement counts once its line is synced.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

interface Line {
  sent?: string[];
  acked?: string[];
  /** Times that the request was sent before it was acknowledged. */
  tries?: number;
}

export class Ledger {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'a', 0o600);
  }

  sent(ids: string[]): void {
    this.#write({ sent: ids });
  }

  acked(ids: string[], tries: number): void {
    this.#write({ acked: ids, tries });
    fsyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(line: Line): void {
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
  }
}

/** All ledgers of a test together. */
export interface Account {
  sent: Set<string>;
  acked: Set<string>;
  /** Requests that were acknowledged only after they had been sent again. */
  repeated: number;
}

export function readLedgers(paths: string[]): Account {
  const account: Account = { sent: new Set(), acked: new Set(), repeated: 0 };
  for (const path of paths) {
    // Behind the last line end is nothing, or what a killed client could not finish.
    for (const text of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
      const { sent, acked, tries } = JSON.parse(text) as Line;
      for (const id of sent ?? []) account.sent.add(id);
      for (const id of acked ?? []) account.acked.add(id);
      if ((tries ?? 1) > 1) account.repeated++;
    }
  }
  return account;
}
