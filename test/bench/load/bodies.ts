/**
 * Requests as an agent's sandbox sends them, made once before the clock starts: file, process,
 * network and tool events whose sessions, paths and hosts vary. Every copy that is sent differs in
 * one word, for the same body twice is a repeat.
 */
import { encodeLogsRequest, type OutgoingLog } from '@vitrine/schema';

const SESSIONS = 40;
const NONCE = 'nonce-0000000000000000';
const NONCE_DIGITS = 16;
const COMMAND = `bash -c "cd /home/user/project && npm run build" ${'#'.repeat(84)}`;
const NS_PER_MS = 1_000_000n;

/**
 * `shim`: 10 attributes and 373 bytes, as our own shims tell of an event. `budget`: 20 and 612, the
 * record that the budgets of ingest and those measured elsewhere are about.
 */
export type RecordSize = 'shim' | 'budget';

export interface Body {
  bytes: Buffer;
  /** Where the digits of its nonce stand. */
  nonceAt: number;
}

/** `kinds` of bodies; `records` in each. */
export function makeBodies(kinds: number, records: number, size: RecordSize = 'shim'): Body[] {
  const nowNs = BigInt(Date.now()) * NS_PER_MS;
  return Array.from({ length: kinds }, (_, kind) => {
    const logs = Array.from({ length: records }, (_, i) => {
      const log = logOf(kind * records + i, String(nowNs + BigInt(i)), i === 0);
      return size === 'shim' ? log : widened(log, i);
    });
    const bytes = encodeLogsRequest(logs, { 'vitrine.shim.name': 'bench', 'host.name': 'bench-1' });
    const nonceAt = bytes.indexOf(NONCE) + NONCE.length - NONCE_DIGITS;
    return { bytes, nonceAt };
  });
}

/** Makes the body another one, in place. */
export function renew({ bytes, nonceAt }: Body, serial: number): Buffer {
  bytes.write(String(serial).padStart(NONCE_DIGITS, '0'), nonceAt, 'latin1');
  return bytes;
}

function logOf(i: number, timeUnixNano: string, first: boolean): OutgoingLog {
  const shared = {
    'session.id': `bench-${i % SESSIONS}`,
    'agent.id': `agent-${i % 7}`,
    'process.pid': 1_000 + (i % 400),
    'process.exe': `/usr/bin/tool-${i % 23}`,
    'bench.nonce': first ? NONCE : `row-${i}`,
    'source.note': `seen by the shim at place ${i % 97} of its ring`,
  };
  const path = `/home/user/project/packages/module-${i % 211}/src/feature-${i % 37}/file-${i}.ts`;
  const [kind, own] = EVENTS[i % EVENTS.length]!(i, path);
  return { eventName: kind, timeUnixNano, attributes: { ...shared, ...own } };
}

/** With as much again about who did it, where and under whom. */
function widened({ attributes, ...log }: OutgoingLog, i: number): OutgoingLog {
  const more = {
    'process.ppid': 900 + (i % 300),
    'process.uid': 1_000,
    'process.user': `user-${i % 11}`,
    'process.cwd': `/srv/work-${i % 31}`,
    'process.started': 1_764_090_000 + (i % 5_003),
    'container.id': `c0ffee${String(i % 97).padStart(6, '0')}`,
    'container.image': `tools:${i % 13}`,
    'model.turn': i % 211,
    'agent.step': `step ${i % 1_009}`,
    'tool.ok': i % 3 !== 0,
  };
  return { ...log, attributes: { ...more, ...attributes } };
}

type Own = OutgoingLog['attributes'];

const EVENTS: ((i: number, path: string) => [kind: string, own: Own])[] = [
  (_, path) => ['file.read', { 'file.path': path, 'file.mode': 'read-write', 'file.fd': 7 }],
  (_, path) => ['file.write', { 'file.path': path, 'file.bytes': 4_096, 'file.mode': 'rw' }],
  (i) => ['process.exec', { 'process.argv': COMMAND, 'process.cwd': `/home/user/p-${i % 31}` }],
  (i) => [
    'egress.request',
    {
      'http.host': `api-${i % 19}.example.com`,
      'http.method': 'POST',
      'http.path': `/v1/resource/${i}/items?page=${i % 9}`,
      'http.status': 200,
    },
  ],
  (i) => [
    'tool.call',
    {
      'tool.name': ['Bash', 'Read', 'Edit', 'Grep'][i % 4]!,
      'tool.use_id': `toolu_${i.toString(16).padStart(24, '0')}`,
      'vitrine.part.input': `{"command":"${COMMAND.replaceAll('"', "'")}"}`,
    },
  ],
];
