/** The collector's HTTP API as a script would call it: a base address and a token. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunFile } from './collector-process.ts';

/** A running system, as far as its API goes. */
export interface Reached {
  run: RunFile;
  data: string;
}

export interface ApiAnswer {
  status: number;
  text: string;
}

export async function callApi(
  run: RunFile,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiAnswer> {
  const response = await fetch(new URL(path, run.api), {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** The token that the first start leaves in the data directory. */
export function adminToken(data: string): string {
  return readFileSync(join(data, 'admin.token'), 'utf8').trim();
}

export async function makeToken(run: RunFile, data: string, role: string): Promise<string> {
  const answer = await callApi(run, adminToken(data), 'POST', '/v1/tokens', { role });
  assert.equal(answer.status, 201, answer.text);
  return (JSON.parse(answer.text) as { token: string }).token;
}
