/**
 * The one event and the one alert that `docs/samples` shows in every dialect: two records of a
 * small log, with true leaves and a true proof, the same bytes every time.
 */
import {
  buildTree,
  formatCheckpoint,
  generateLogKey,
  makeRecord,
  parseCanonical,
  signNote,
  tlogProof,
  ZERO_HASH,
} from '@vitrine/chain';
import { alertLink, type JsonObject, proofLink, recordColumns } from '@vitrine/schema';
import type { LogEntry } from '@vitrine/schema/normalise';
import type { DeliverableAlert } from '../../connectors/kit/contract.ts';

export const SAMPLE_ORIGIN = 'vitrine.local/0badcafe/default.0.1';
const LOG = 'default.0.1';
const KEY = generateLogKey(SAMPLE_ORIGIN, Buffer.alloc(32, 7));
const PUBLIC_URL = 'https://vitrine.example';
const SESSION = 'build-4711';
const SHIM = 'b7f3a';
const EVENT_NS = '1764000001000000001';
const ALERT_NS = '1764000001250000000';

const HOST: JsonObject = {
  name: 'build-7',
  id: 'b7f3a2c4',
  ip: '192.0.2.17',
  os: 'Debian GNU/Linux 12',
  process: { pid: 4_711, exe: '/usr/bin/bwrap' },
  edr: { vendor: 'crowdstrike', device_id: '0f3c9a' },
};

/** As the egress proxy tells of it. */
const EVENT: JsonObject = {
  source: { shim: 'egress', version: '0.1.0' },
  agent: { id: 'main', product: 'claude-code' },
  user: { id: 'u1', email: 'alice@example.com' },
  http: {
    method: 'POST',
    host: 'api.anthropic.com',
    path: '/v1/files',
    scheme: 'https',
    req_bytes: 12_345,
    function: 'anthropic.files.create',
    auth_fp: '9f2c41d7a0b3e615',
    auth_provisioned: false,
    denied: true,
    status: 403,
  },
  net: { dst_ip: '203.0.113.9', dst_port: 443, dst_host: 'api.anthropic.com' },
};

/** As detection writes it. */
function alertFields(evidence: JsonObject): JsonObject {
  const { agent, user, http, net } = EVENT;
  return {
    id: 'alr_00000000000000000000000000000001',
    rule: 'EGR-001',
    title: 'Upload with a key that this session was not given',
    severity: 'critical',
    subject: SESSION,
    vantage: 'boundary',
    what: 'A file went to api.anthropic.com with a credential that is not the session’s own.',
    todo: 'Stop the session and read the request that carried the key.',
    evidence: [evidence],
    host: HOST,
    tags: ['attack.exfiltration', 'attack.t1567', 'atlas.aml.t0086', 'ase.risk.external_attacker'],
    event: { kind: 'egress.request', agent: agent!, user: user!, http: http!, net: net! },
  };
}

export interface SampleLog {
  event: LogEntry;
  alert: DeliverableAlert;
}

/** The event is leaf 0, the alert leaf 1; the checkpoint covers both. */
export function sampleLog(): SampleLog {
  const salt = (): Buffer => Buffer.alloc(16);
  const place = { session: SESSION, shim: SHIM, seq: 42, prev: Buffer.alloc(32, 41) };
  const event = makeRecord({ kind: 'egress.request', t: EVENT_NS, fields: EVENT }, place, salt);
  const fields = alertFields({ log: LOG, index: 0, leaf: event.leaf.toString('base64') });
  const own = { session: 'log', shim: 'alert', seq: 0, prev: ZERO_HASH };
  const alert = makeRecord({ kind: 'alert', t: ALERT_NS, fields }, own, salt);
  const tree = buildTree([event.leaf, alert.leaf]);
  const checkpoint = formatCheckpoint({ origin: SAMPLE_ORIGIN, size: 2, root: tree.root });
  return {
    event: entryOf(parseCanonical(event.bytes), event.leaf),
    alert: {
      id: String(fields.id),
      log: LOG,
      index: 1,
      leaf: alert.leaf.toString('base64'),
      t: ALERT_NS,
      record: parseCanonical(alert.bytes),
      proof: tlogProof(1, tree.path(1), signNote(checkpoint, KEY)),
      link: alertLink(PUBLIC_URL, 1),
    },
  };
}

function entryOf(record: JsonObject, leaf: Buffer): LogEntry {
  const { kind, t, severity, title } = recordColumns(record);
  return {
    ...{ log: LOG, index: 0, leaf: leaf.toString('base64'), tenant: 'default' },
    ...{ session: SESSION, shim: SHIM, seq: 42, kind, t, severity, title, record },
    observed: '1764000001200000000',
    vantage: 'boundary',
    sandbox: SESSION,
    host: HOST,
    link: proofLink(PUBLIC_URL, SESSION, 0),
  };
}
