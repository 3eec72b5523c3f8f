/**
 * The one JSON document a relay is started with. Everything in it is checked before anything is
 * opened; unknown members are refused.
 */
import { isIP } from 'node:net';
import {
  isObject,
  isVantage,
  type Json,
  type JsonObject,
  NAME_CHARS_MAX,
  RELAY_INTAKES_MAX,
  SPOOL_BYTES_MAX,
  SPOOL_BYTES_MIN,
  SPOOL_SYNC_MS,
  SPOOL_SYNC_MS_MAX,
  type Vantage,
} from '@vitrine/schema';
import { RelayError } from './error.ts';

/** A Unix socket, or a port of the loopback interface, which everybody in the sandbox can reach. */
export type IntakeConfig =
  | { socket: string; vantage: Vantage }
  | { listen: TcpAddress; vantage: 'agent' };

export interface TcpAddress {
  host: string;
  /** 0 picks a free one. */
  port: number;
}

/** HTTPS for a host that cannot open a Unix socket of this machine. PEM throughout. */
export interface OppTls extends TcpAddress {
  cert: string;
  key: string;
  /** Whose certificates a puller may show; without one it is refused. */
  clientCa: string;
}

export interface RelayConfig {
  /** Name of the session as the collector gave it. */
  session: string;
  spoolDir: string;
  /** At least one of the two. */
  oppSocket: string | undefined;
  oppTls: OppTls | undefined;
  /** 32 bytes; erased as soon as the chains have their first keys. */
  macKey: Buffer;
  intakes: IntakeConfig[];
  spoolBytesMax: number;
  /** How long what was answered may wait for its sync, if nothing of it is of a critical kind. */
  spoolSyncMs: number;
}

const MEMBERS = [
  'session',
  'spool_dir',
  'opp_socket',
  'opp_tls',
  'mac_key',
  'intakes',
  'spool_bytes_max',
  'spool_sync_ms',
];
const INTAKE_MEMBERS = ['socket', 'listen', 'vantage'];
const TLS_MEMBERS = ['host', 'port', 'cert', 'key', 'client_ca'];
/** One spelling of each loopback address; no name, which somebody else would resolve. */
const LOOPBACK = /^(127\.0\.0\.1|\[::1\]):(\d{1,5})$/;
const PORT_MAX = 65_535;
const PEM = /^-----BEGIN [A-Z ]+-----\n/;
const SESSION = new RegExp(`^[A-Za-z0-9._:-]{1,${NAME_CHARS_MAX}}$`);
/** The log's own chains have this session (LOG.md §1). */
const RESERVED_SESSION = 'log';
/** What stands in the text where the key was. */
const TAKEN_KEY = '0'.repeat(64);

/** `text`: without the key, see `takeMacKey`. Throws CONFIG_INVALID. */
export function readConfig(text: string, macKey: Buffer | undefined): RelayConfig {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw invalid('it is no JSON');
  }
  if (!isObject(document)) throw invalid('it is no JSON object');
  refuseUnknown(document, MEMBERS, '');
  const { session } = document;
  if (typeof session !== 'string' || !SESSION.test(session) || session === RESERVED_SESSION) {
    throw invalid(`session is not [A-Za-z0-9._:-]{1,${NAME_CHARS_MAX}}, or is reserved`);
  }
  // A name that stands twice: the one that counts is not the one that was taken.
  if (macKey === undefined || document.mac_key !== TAKEN_KEY) {
    throw invalid('mac_key is not 64 lower-case hex digits');
  }
  if (document.opp_socket === undefined && document.opp_tls === undefined) {
    throw invalid('neither opp_socket nor opp_tls is there: nobody could pull');
  }
  return {
    session,
    spoolDir: path(document, 'spool_dir', ''),
    oppSocket: document.opp_socket === undefined ? undefined : path(document, 'opp_socket', ''),
    oppTls: document.opp_tls === undefined ? undefined : tlsOf(document.opp_tls),
    macKey,
    intakes: intakesOf(document),
    spoolBytesMax: spoolBytes(document),
    spoolSyncMs: spoolSync(document),
  };
}

function intakesOf(document: JsonObject): IntakeConfig[] {
  const { intakes } = document;
  if (!Array.isArray(intakes) || intakes.length === 0 || intakes.length > RELAY_INTAKES_MAX) {
    throw invalid(`intakes is no list of 1 to ${RELAY_INTAKES_MAX}`);
  }
  const taken = new Set([document.opp_socket]);
  return intakes.map((intake, i) => {
    if (!isObject(intake)) throw invalid(`intakes[${i}] is no object`);
    const at = `intakes[${i}].`;
    refuseUnknown(intake, INTAKE_MEMBERS, at);
    const { vantage, listen } = intake;
    if (!isVantage(vantage)) throw invalid(`${at}vantage is not agent, guest, boundary or host`);
    if (listen === undefined) {
      const socket = path(intake, 'socket', at);
      if (taken.has(socket)) throw invalid(`${at}socket is used twice`);
      taken.add(socket);
      return { socket, vantage };
    }
    if (intake.socket !== undefined) throw invalid(`${at}listen and socket exclude each other`);
    if (vantage !== 'agent') throw invalid(`${at}listen: only the agent's may be a port`);
    return { listen: loopback(listen, `${at}listen`), vantage };
  });
}

function loopback(listen: Json, at: string): TcpAddress {
  const [, host, port] = LOOPBACK.exec(typeof listen === 'string' ? listen : '') ?? [];
  if (host === undefined || Number(port) > PORT_MAX) {
    throw invalid(`${at} is not 127.0.0.1:PORT or [::1]:PORT`);
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function tlsOf(tls: Json): OppTls {
  if (!isObject(tls)) throw invalid('opp_tls is no object');
  refuseUnknown(tls, TLS_MEMBERS, 'opp_tls.');
  const { host, port } = tls;
  if (typeof host !== 'string' || isIP(host) === 0) throw invalid('opp_tls.host is no IP address');
  if (!Number.isSafeInteger(port) || (port as number) < 0 || (port as number) > PORT_MAX) {
    throw invalid('opp_tls.port is no port');
  }
  const pem = (name: string): string => {
    const value = tls[name];
    if (typeof value === 'string' && PEM.test(value)) return value;
    throw invalid(`opp_tls.${name} is no PEM`);
  };
  const [cert, key, clientCa] = [pem('cert'), pem('key'), pem('client_ca')];
  return { host, port: port as number, cert, key, clientCa };
}

function spoolBytes({ spool_bytes_max: bytes = SPOOL_BYTES_MAX }: JsonObject): number {
  if (Number.isSafeInteger(bytes) && (bytes as number) >= SPOOL_BYTES_MIN) return bytes as number;
  throw invalid(`spool_bytes_max is no integer from ${SPOOL_BYTES_MIN}`);
}

function spoolSync({ spool_sync_ms: ms = SPOOL_SYNC_MS }: JsonObject): number {
  if (Number.isSafeInteger(ms) && (ms as number) >= 0 && (ms as number) <= SPOOL_SYNC_MS_MAX) {
    return ms as number;
  }
  throw invalid(`spool_sync_ms is no integer from 0 to ${SPOOL_SYNC_MS_MAX}`);
}

function path(from: JsonObject, name: string, prefix: string): string {
  const value = from[name];
  if (typeof value === 'string' && value.startsWith('/') && !value.includes('\0')) return value;
  throw invalid(`${prefix}${name} is no absolute path`);
}

function refuseUnknown(object: JsonObject, known: string[], prefix: string): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`${prefix}${unknown.slice(0, 64)} is not known`);
}

function invalid(what: string): RelayError {
  const hint = `its members are ${MEMBERS.join(', ')}`;
  return new RelayError('CONFIG_INVALID', `the relay's configuration: ${what}`, hint);
}
