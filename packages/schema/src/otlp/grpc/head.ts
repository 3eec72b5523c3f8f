/**
 * Reads the head of a call (gRPC over HTTP/2, "Requests"): which export it is, how its message is
 * packed and how long the sender waits. Relies on nothing about the headers.
 */
import type { IncomingHttpHeaders } from 'node:http2';
import { SchemaError } from '../../error.ts';
import type { Signal } from '../model.ts';
import { ACCEPTED_PACKINGS, type Packing, packingOf } from '../receive/unpack.ts';

const PATHS = new Map<string, Signal>([
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
]);
const MEDIA_TYPE = /^application\/grpc(?:\+proto)?$/;
const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: Record<string, number> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};
/** The longest time a timer takes. */
const TIMEOUT_MS_MAX = 2_147_483_647;
const SHOWN_CHARS_MAX = 64;

export interface CallHead {
  signal: Signal;
  /** What a message with its compressed flag set is packed with. */
  encoding: Packing;
  /** Milliseconds the sender waits; `undefined` when it does not say. */
  timeoutMs: number | undefined;
}

/** A client of another protocol: it is answered in HTTP's words as well. */
export function httpStatusOf(headers: IncomingHttpHeaders): number {
  const type = headers['content-type'] ?? '';
  if (headers[':method'] !== 'POST') return 405;
  return type.trimStart().toLowerCase().startsWith('application/grpc') ? 200 : 415;
}

/** Throws GRPC_UNIMPLEMENTED for what is not served here, GRPC_MALFORMED for a broken timeout. */
export function readHead(headers: IncomingHttpHeaders): CallHead {
  if (headers[':method'] !== 'POST') {
    throw unimplemented('a gRPC call is a POST', 'use an OTLP/gRPC exporter');
  }
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (!MEDIA_TYPE.test(type)) {
    const message = `the content type is ${shown(type) || 'missing'}`;
    throw unimplemented(message, 'send application/grpc; OTLP/HTTP has a port of its own');
  }
  const path = headers[':path'] ?? '';
  const signal = PATHS.get(path);
  if (signal === undefined) {
    const hint = 'Export of the OTLP LogsService, TraceService and MetricsService is';
    throw unimplemented(`${shown(path)} is not served here`, hint);
  }
  return { signal, encoding: encodingOf(headers), timeoutMs: timeoutOf(headers) };
}

function encodingOf(headers: IncomingHttpHeaders): CallHead['encoding'] {
  const encoding = String(headers['grpc-encoding'] ?? 'identity');
  const packing = packingOf(encoding);
  if (packing !== undefined) return packing;
  const hint = `send one of ${ACCEPTED_PACKINGS}`;
  throw unimplemented(`grpc-encoding ${shown(encoding)} is not known`, hint);
}

function timeoutOf(headers: IncomingHttpHeaders): number | undefined {
  const given = headers['grpc-timeout'];
  if (given === undefined) return undefined;
  const [, digits, unit] = TIMEOUT.exec(String(given)) ?? [];
  if (digits === undefined) {
    const message = `grpc-timeout ${shown(String(given))} is no time`;
    throw new SchemaError('GRPC_MALFORMED', message, 'send up to 8 digits and one of HMSmun');
  }
  return Math.min(Math.ceil(Number(digits) * UNIT_MS[unit!]!), TIMEOUT_MS_MAX);
}

function unimplemented(message: string, hint: string): SchemaError {
  return new SchemaError('GRPC_UNIMPLEMENTED', message, hint);
}

function shown(text: string): string {
  return text.slice(0, SHOWN_CHARS_MAX);
}
