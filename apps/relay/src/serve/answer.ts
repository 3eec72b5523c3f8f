/**
 * Answers of the pull protocol: JSON, or one page of OTLP. Errors are `{"error","message"}` with
 * the names of OPP/1.
 */
import type { ServerResponse } from 'node:http';
import type { JsonObject } from '@vitrine/schema';
import type { RelayError } from '../error.ts';
import { Evicted } from '../spool/page.ts';
import { Leased } from './lease.ts';

const ERRORS: Partial<Record<RelayError['code'], [status: number, name: string]>> = {
  REQUEST_INVALID: [400, 'bad_request'],
  CHAIN_UNKNOWN: [404, 'unknown_chain'],
  ACK_AHEAD: [409, 'ack_ahead'],
  EVICTED: [410, 'evicted'],
  LEASED: [423, 'leased'],
  LEASE_UNKNOWN: [409, 'lease_unknown'],
  SPOOL_UNWRITABLE: [503, 'spool_unwritable'],
  SPOOL_UNREADABLE: [503, 'spool_unreadable'],
};

export function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
  });
  response.end(bytes);
}

export function sendError(response: ServerResponse, error: RelayError): void {
  const [status, name] = ERRORS[error.code] ?? [500, 'internal'];
  const body: JsonObject = { error: name, message: error.message };
  if (error instanceof Evicted) {
    body.chain = error.chain;
    body.lost_from = error.lost.from;
    body.lost_to = error.lost.to;
  }
  if (error instanceof Leased) {
    body.holder = error.holder;
    body.expires_in_ms = error.expiresInMs;
  }
  sendJson(response, status, body);
}
