/** A SIEM that reads the log over HTTP and keeps its place, as its maker would write it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunFile } from '../path/collector-process.ts';

/** One record of a page in `ndjson`. */
export interface Read {
  index: number;
  session: string;
  kind: string;
  record: { [member: string]: unknown };
  integrity: { leaf_index: number; leaf_hash: string; log_id: string };
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Buffer;
}

export interface Asking {
  token: string;
  method?: string;
  json?: object;
}

export async function ask(run: RunFile, path: string, asking: Asking): Promise<Answer> {
  const { token, method = 'GET', json } = asking;
  const response = await fetch(new URL(path, run.api), {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body };
}

/** Status and code of a refusal. */
export async function refusal(run: RunFile, path: string, token: string): Promise<string> {
  const { status, body } = await ask(run, path, { token });
  assert.ok(status >= 400, `${path} was answered: ${body}`);
  return `${status} ${(JSON.parse(body.toString()) as { code: string }).code}`;
}

export function readsOf(body: Buffer): Read[] {
  const text = body.toString().trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Read);
}

const AGAIN_MS = 50;
const STATUSES_PASSING = new Set([429, 503]);

/** Reads one stream; a system that is away, or busy, is asked again. */
export class Siem {
  readonly read: Read[] = [];
  readonly #reached: () => Promise<RunFile>;
  readonly #stream: string;
  readonly #token: string;
  #cursor = '';

  constructor(stream: string, token: string, reached: () => Promise<RunFile>) {
    this.#stream = stream;
    this.#token = token;
    this.#reached = reached;
  }

  /** One page, however often it takes; whether there is more. */
  async page(query: string): Promise<boolean> {
    for (;;) {
      const place = this.#cursor === '' ? 'from=earliest' : `cursor=${this.#cursor}`;
      const path = `/v1/pull/${this.#stream}?${query}&${place}`;
      const answer = await this.#ask(path);
      if (answer === undefined) continue;
      this.read.push(...readsOf(answer.body));
      this.#cursor = answer.headers.get('x-next-cursor')!;
      return answer.headers.get('x-has-more') === 'true';
    }
  }

  async #ask(path: string): Promise<Answer | undefined> {
    let answer: Answer;
    try {
      answer = await ask(await this.#reached(), path, { token: this.#token });
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      await sleep(AGAIN_MS);
      return undefined;
    }
    if (STATUSES_PASSING.has(answer.status)) return undefined;
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer;
  }
}

/** Fails unless each of `ids` was read once, in the order of the log. */
export function assertOnce(read: readonly Read[], ids: ReadonlySet<string>): void {
  const indices = read.map(({ index }) => index);
  for (const [i, index] of indices.entries()) {
    assert.ok(i === 0 || index > indices[i - 1]!, `leaf ${index} comes behind ${indices[i - 1]}`);
  }
  const seen = read.map(({ record }) => String((record.tool as { name?: string })?.name));
  const counted = new Map<string, number>();
  for (const id of seen) if (ids.has(id)) counted.set(id, (counted.get(id) ?? 0) + 1);
  const lost = [...ids].filter((id) => !counted.has(id));
  const twice = [...counted].filter(([, count]) => count > 1).map(([id]) => id);
  assert.deepEqual({ lost, twice }, { lost: [], twice: [] });
}
