/**
 * The auditor's part: formats, claims, a verifier of one file and a second one, redaction, `fsck`,
 * attacks, trust. As an auditor has it: by the command line, HTTP, ClickHouse's port and a browser,
 * in a folder where nothing of the system is. Each part also breaks its cause once.
 */
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Case } from './auditor/case.ts';
import {
  provesAbsence,
  provesEvent,
  provesRange,
  provesSession,
  provesThatNothingWasRewritten,
  redactsAndStillProves,
} from './auditor/claims.ts';
import { exportsTlogProof, servesTheLog } from './auditor/formats.ts';
import { findsNothingElse, namesEachEdit } from './auditor/fsck.ts';
import { leavesNoByte } from './auditor/redaction.ts';
import { trustsOnlyTheFile, wantsTheWitnessesOfTheFile } from './auditor/trust.ts';
import { agreesWithGolden } from './path/golden.ts';

test('the auditor', async (t) => {
  const audit = await Case.open(t);
  await t.test('1. formats served', async (s) => {
    await s.test('checkpoint, tiles, entry bundles', () => servesTheLog(audit));
    await s.test('a proof in a file of its own', () => exportsTlogProof(audit));
  });
  await t.test('2. claims', async (s) => {
    await s.test('session', () => provesSession(audit));
    await s.test('range', () => provesRange(audit));
    await s.test('event', () => provesEvent(audit));
    await s.test('absent', () => provesAbsence(audit));
    await s.test('consistency from a pin', () => provesThatNothingWasRewritten(audit));
    await s.test('lawful redaction', () => redactsAndStillProves(audit));
    await s.test('every golden bundle gets its code', (c) => agreesWithGolden(c));
  });
  await t.test('5. redaction leaves no byte', async () => {
    const secret = randomBytes(2_000);
    await leavesNoByte(audit, secret, await audit.tellSecret(secret));
  });
  await t.test('9. trust is what the file says', async (s) => {
    await s.test('keys and intervals', () => trustsOnlyTheFile(audit));
    await s.test('witnesses', () => wantsTheWitnessesOfTheFile(audit));
  });
  await t.test('6. fsck', async (s) => {
    await s.test('finds nothing in what nobody touched', () => findsNothingElse(audit));
    await s.test('names each edit of the store', () => namesEachEdit(audit));
  });
});
