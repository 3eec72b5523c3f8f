/** What the session of `inside.mjs` must hold, and from which vantage. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { EventItem } from './events.ts';

/** Members that a row must have; those of members of members by their own. */
type Members = { [name: string]: unknown };

/** `hostPort` is the port that listens outside. */
export function assertRows(rows: EventItem[], workspace: string, hostPort: number): void {
  assertOne(rows, 'boundary', 'process.exec', { process: { exe: '/usr/bin/cat', argc: 2 } });
  assertOne(rows, 'boundary', 'file.read', {
    file: { path: join(workspace, 'link'), real_path: '/etc/passwd' },
  });
  assertOne(rows, 'boundary', 'file.read', { file: { path: '/etc/shadow', errno: 'EACCES' } });
  assertOne(rows, 'boundary', 'file.create', { file: { path: '/usr/made', errno: 'EROFS' } });
  assertOne(rows, 'boundary', 'file.create', {
    file: { path: join(workspace, 'made.txt'), real_path: join(workspace, 'made.txt') },
  });
  assertOne(rows, 'boundary', 'net.connect', {
    net: { dst_ip: '127.0.0.1', dst_port: hostPort, errno: 'ECONNREFUSED' },
  });
  assertOne(rows, 'boundary', 'net.connect', {
    net: { dst_ip: '192.0.2.1', dst_port: 80, errno: 'ENETUNREACH' },
  });
  assertOne(rows, 'agent', 'prompt.submit', { agent: { id: 'inside' } });
  const claimed = rows.filter(({ vantage }) => vantage === 'agent').map(({ kind }) => kind);
  const foreign = claimed.filter((kind) => /^(file|process|net|egress)\./.test(kind));
  assert.deepEqual(foreign, [], 'the tracer and the proxy speak with the agent’s voice');
}

function assertOne(rows: EventItem[], vantage: string, kind: string, members: Members): void {
  const ofKind = rows.filter((row) => row.kind === kind);
  const fitting = ofKind.filter((row) => row.vantage === vantage && fits(row.record, members));
  const wanted = `${vantage} ${kind} ${JSON.stringify(members)}`;
  const others = ofKind.map(({ record }) => JSON.stringify(record)).join('\n');
  assert.ok(fitting.length > 0, `no row ${wanted} among\n${others}`);
}

function fits(value: unknown, members: Members): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(members).every(([name, wanted]) => {
    const member = (value as Members)[name];
    return typeof wanted === 'object' ? fits(member, wanted as Members) : member === wanted;
  });
}
