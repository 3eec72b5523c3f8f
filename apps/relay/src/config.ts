/**
 * The one JSON document a relay is started with. Everything in it is checked before anything is
 * opened; unknown members are refused.
 */
import {
  isObject,
  isVantage,
  type JsonObject,
  NAME_CHARS_MAX,
  RELAY_INTAKES_MAX,
  SPOOL_BYTES_MAX,
  SPOOL_BYTES_MIN,
  type Vantage,
} from '@vitrine/schema';
import { RelayError } from './error.ts';

export interface IntakeConfig {
  socket: string;
  vantage: Vantage;
}

export interface RelayConfig {
  /** Name of the session as the collector gave it. */
  session: string;
  spoolDir: string;
  oppSocket: string;
  /** 32 bytes; erased as soon as the chains have their first keys. */
  macKey: Buffer;
  intakes: IntakeConfig[];
  spoolBytesMax: number;
}

const MEMBERS = ['session', 'spool_dir', 'opp_socket', 'mac_key', 'intakes', 'spool_bytes_max'];
const INTAKE_MEMBERS = ['socket', 'vantage'];
const SESSION = new RegExp(`^[A-Za-z0-9._:-]{1,${NAME_CHARS_MAX}}$`);
/** The log's own chains have this session (LOG.md §1). */
const RESERVED_SESSION = 'log';
const MAC_KEY = /^[0-9a-f]{64}$/;

/** Throws CONFIG_INVALID; its message never repeats the key. */
export function readConfig(text: string): RelayConfig {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw invalid('it is no JSON');
  }
  if (!isObject(document)) throw invalid('it is no JSON object');
  refuseUnknown(document, MEMBERS, '');
  const { session, mac_key: macKey } = document;
  if (typeof session !== 'string' || !SESSION.test(session) || session === RESERVED_SESSION) {
    throw invalid(`session is not [A-Za-z0-9._:-]{1,${NAME_CHARS_MAX}}, or is reserved`);
  }
  if (typeof macKey !== 'string' || !MAC_KEY.test(macKey)) {
    throw invalid('mac_key is not 64 lower-case hex digits');
  }
  return {
    session,
    spoolDir: path(document, 'spool_dir', ''),
    oppSocket: path(document, 'opp_socket', ''),
    macKey: Buffer.from(macKey, 'hex'),
    intakes: intakesOf(document),
    spoolBytesMax: spoolBytes(document),
  };
}

function intakesOf(document: JsonObject): IntakeConfig[] {
  const { intakes } = document;
  if (!Array.isArray(intakes) || intakes.length === 0 || intakes.length > RELAY_INTAKES_MAX) {
    throw invalid(`intakes is no list of 1 to ${RELAY_INTAKES_MAX}`);
  }
  const sockets = new Set([document.opp_socket]);
  return intakes.map((intake, i) => {
    if (!isObject(intake)) throw invalid(`intakes[${i}] is no object`);
    refuseUnknown(intake, INTAKE_MEMBERS, `intakes[${i}].`);
    const socket = path(intake, 'socket', `intakes[${i}].`);
    if (sockets.has(socket)) throw invalid(`intakes[${i}].socket is used twice`);
    sockets.add(socket);
    if (!isVantage(intake.vantage)) {
      throw invalid(`intakes[${i}].vantage is not agent, guest, boundary or host`);
    }
    return { socket, vantage: intake.vantage };
  });
}

function spoolBytes({ spool_bytes_max: bytes = SPOOL_BYTES_MAX }: JsonObject): number {
  if (Number.isSafeInteger(bytes) && (bytes as number) >= SPOOL_BYTES_MIN) return bytes as number;
  throw invalid(`spool_bytes_max is no integer from ${SPOOL_BYTES_MIN}`);
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
