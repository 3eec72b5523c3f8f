import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectorError } from '../error.ts';
import { failureOf } from './failure.ts';

const coded = (code: string): Error => Object.assign(new Error('it failed'), { code });

describe('failureOf', () => {
  it('waits for what passes by itself, with a hint where there is one', () => {
    for (const code of ['CERT_HAS_EXPIRED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED']) {
      const outcome = failureOf(coded(code));
      assert.ok(outcome.kind === 'retry');
      assert.match(outcome.reason, new RegExp(`^${code}: it failed; \\w`));
    }
    assert.deepEqual(failureOf(coded('ECONNRESET')), {
      kind: 'retry',
      reason: 'ECONNRESET: it failed',
    });
    assert.deepEqual(failureOf('words'), { kind: 'retry', reason: 'words' });
  });

  it('pauses where our own certificate is refused', () => {
    for (const code of [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
      'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
      'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    ]) {
      const outcome = failureOf(coded(code));
      assert.ok(outcome.kind === 'pause' && outcome.reason.includes('cert_file'), code);
    }
    assert.equal(failureOf(coded('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR')).kind, 'retry');
  });

  it('pauses for our own refusals, with their hint', () => {
    const outcome = failureOf(new ConnectorError('EGRESS_REFUSED', 'not there', 'allow it'));
    assert.deepEqual(outcome, { kind: 'pause', reason: 'EGRESS_REFUSED: not there; allow it' });
  });
});
