/**
 * The auditor's part, but for other people's tools (tlog.test.ts): formats, claims, a verifier of
 * one file and a second one, redaction, `fsck`, attacks, trust. As an auditor has it: by the
 * command line, HTTP, ClickHouse's port and a browser, in a folder where nothing of the system is.
 * Each part also breaks its cause once.
 */
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { refusesEachAttack } from './auditor/attacks.ts';
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
import { agreesInBrowser, agreesInNode, takesTheFile } from './auditor/one-file.ts';
import { leavesNoByte } from './auditor/redaction.ts';
import { writesThePage } from './auditor/report.ts';
import { agreesWithTheSecond } from './auditor/second.ts';
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
  await t.test('3. a second verifier, written from the specification, agrees', (c) => {
    return agreesWithTheSecond(c, audit);
  });
  await t.test('4. one file verifies offline', async (s) => {
    await s.test('is built, small, and depends on nothing', () => takesTheFile(audit));
    await s.test('in Node', () => agreesInNode(audit));
    await s.test('in a browser', (c) => agreesInBrowser(c, audit));
    await s.test('and a page for the papers', (c) => writesThePage(c, audit));
  });
  await t.test('7. each attack gets its code', (c) => refusesEachAttack(c, audit));
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
