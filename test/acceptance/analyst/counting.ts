/**
 * A rule that counts, and telemetry for it to count: ten reads below `/counted` within two minutes
 * of one session are an alert, nine are none. What comes a second late still counts.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const COUNTING_RULE = 'ACC-010';
export const COUNTED_MIN = 10;
/** Seconds between two reads: all ten lie inside the rule's time, whatever the machine does. */
const APART_S = 2;

const TEXT = `title: A file below /counted was read
name: counted_read
status: experimental
logsource: {product: agent_sandbox, category: file}
detection:
  read: {kind: file.read, file.path|startswith: /counted/}
  condition: read
level: informational
---
title: Files below /counted were read again and again
name: many_counted_reads
status: experimental
correlation:
  type: event_count
  rules: [counted_read]
  group-by: [session]
  timespan: 2m
  condition: {gte: ${COUNTED_MIN}}
falsepositives: [This is a test.]
tags: [attack.collection, attack.t1119, atlas.aml.t0037]
level: medium
x-vitrine:
  what: "Ten files below /counted were read, the last one {file.path}."
  todo: Nothing, this is a test.
  late: 1s
  technique_v18: [T1119]
  risk: [model_misbehaviour]
`;

/** Puts the rule where the system of this data directory finds its rules. */
export function writeCountingRule(data: string, text = TEXT): void {
  mkdirSync(join(data, 'rules'), { recursive: true });
  writeFileSync(join(data, 'rules', `${COUNTING_RULE}.yml`), text);
}

export interface CountedRead {
  kind: string;
  at: number;
  members: Record<string, string>;
}

/** Reads `from` to `to`, without `to`, of a row that began at `startMs`. */
export function countedReads(startMs: number, from: number, to: number): CountedRead[] {
  return Array.from({ length: to - from }, (_, n) => ({
    kind: 'file.read',
    at: startMs + (from + n) * APART_S * 1_000,
    members: { 'file.path': `/counted/${from + n}` },
  }));
}
