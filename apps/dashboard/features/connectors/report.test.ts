/** What a test of a connector ends in: a report, the error that it tells, or the want of both. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestLine } from '@vitrine/schema/api';
import { linesOf } from '../../lib/api/client.ts';
import { untilReport } from './report.ts';

const STEP = { step: 'connect', ok: true, ms: 3, detail: 'done' };
const REPORT = { ok: true, confirmed: true, alert: 'alr_1', steps: [STEP] };

async function told(...lines: object[]): Promise<TestLine[]> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const heard: TestLine[] = [];
  for await (const line of untilReport(linesOf<TestLine>(new Response(text)))) heard.push(line);
  return heard;
}

it('ends with its report', async () => {
  const lines = [{ step: STEP }, { report: REPORT }];
  assert.deepEqual(await told(...lines), lines);
});

it('is no success where it tells of an error or ends without a report', async () => {
  const error = { code: 'STORE_CLOSED', message: 'the store is closed', hint: 'start again' };
  await assert.rejects(told({ step: STEP }, { error }), error);
  await assert.rejects(told({ step: STEP }), {
    code: 'CONNECTION_LOST',
    message: 'The test ended without a report.',
  });
});
