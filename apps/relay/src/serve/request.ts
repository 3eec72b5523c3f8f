/** Reads the JSON bodies of OPP/1 within their bounds; whatever is wrong is REQUEST_INVALID. */
import type { IncomingMessage } from 'node:http';
import {
  isObject,
  type JsonObject,
  NAME_CHARS_MAX,
  OPP_LEASE_MS_MAX,
  OPP_REQUEST_BYTES_MAX,
  PULL_PAGE_BYTES_MAX,
  PULL_PAGE_RECORDS_MAX,
  PULL_WAIT_MS_MAX,
} from '@vitrine/schema';
import { eachChunk } from '../chunks.ts';
import { RelayError } from '../error.ts';
import type { PageLimits } from '../spool/page.ts';

/** Waits on every chain. */
export const ANY_CHAIN = '*';
const PULLER = new RegExp(`^[!-~]{1,${NAME_CHARS_MAX}}$`);

export interface PullRequest {
  chain: string;
  /** Behind which seq, by chain; of the one chain, or of any that the puller knows. */
  after: Map<string, number>;
  limits: PageLimits;
  waitMs: number;
}

export async function readJson(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await eachChunk(request, (chunk) => {
    bytes += chunk.length;
    if (bytes > OPP_REQUEST_BYTES_MAX) throw bad(`more than ${OPP_REQUEST_BYTES_MAX} bytes`);
    chunks.push(chunk);
  });
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw bad('the body is no JSON', cause);
  }
  if (!isObject(body)) throw bad('the body is no JSON object');
  return body;
}

/** Limits above the relay's own are lowered to them, missing ones are them; `wait_ms` is 0. */
export function readPull(body: JsonObject): PullRequest {
  const chain = chainName(body);
  const { max_bytes: bytesMax, max_records: recordsMax, wait_ms: waitMs } = body;
  return {
    chain,
    after: chain === ANY_CHAIN ? positions(body) : new Map([[chain, seq(body.after_seq, -1)]]),
    limits: {
      bytesMax: bounded('max_bytes', bytesMax, 1, PULL_PAGE_BYTES_MAX) ?? PULL_PAGE_BYTES_MAX,
      recordsMax:
        bounded('max_records', recordsMax, 1, PULL_PAGE_RECORDS_MAX) ?? PULL_PAGE_RECORDS_MAX,
    },
    waitMs: bounded('wait_ms', waitMs, 0, PULL_WAIT_MS_MAX) ?? 0,
  };
}

export function readAck(body: JsonObject): { chain: string; seq: number } {
  return { chain: chainName(body), seq: seq(body.seq, 0) };
}

export function readLease(body: JsonObject): { puller: string; ttlMs: number } {
  const { puller, ttl_ms: ttlMs } = body;
  if (typeof puller !== 'string' || !PULLER.test(puller)) {
    throw bad(`puller is not 1 to ${NAME_CHARS_MAX} printable characters`);
  }
  return { puller, ttlMs: bounded('ttl_ms', ttlMs, 1, OPP_LEASE_MS_MAX) ?? OPP_LEASE_MS_MAX };
}

function chainName({ chain }: JsonObject): string {
  if (typeof chain !== 'string') throw bad('chain is no text');
  return chain;
}

function positions({ after = {} }: JsonObject): Map<string, number> {
  if (!isObject(after)) throw bad('after is no object of chain and seq');
  return new Map(Object.entries(after).map(([chain, value]) => [chain, seq(value, -1)]));
}

function seq(value: unknown, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw bad(`a seq is an integer from ${least}`);
}

function bounded(name: string, value: unknown, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  if (Number.isSafeInteger(value) && (value as number) >= least) {
    return Math.min(value as number, most);
  }
  throw bad(`${name} is no integer from ${least}`);
}

function bad(message: string, cause?: unknown): RelayError {
  return new RelayError('REQUEST_INVALID', message, '', { cause });
}
