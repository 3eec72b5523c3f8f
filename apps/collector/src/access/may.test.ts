import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Role } from '@vitrine/schema/api';
import { type Action, may } from './may.ts';

const at = (role: Role, action: Action, tenant = 'default'): boolean =>
  may({ id: 'x', role, tenant: 'default' }, action, { tenant });

describe('may', () => {
  it('lets an admin do what it may, in its own tenant only', () => {
    assert.equal(at('admin', 'token.manage'), true);
    assert.equal(at('admin', 'token.manage', 'other'), false);
  });

  it('shows the analyst content and the auditor none', () => {
    assert.equal(at('analyst', 'part.read'), true);
    assert.equal(at('auditor', 'part.read'), false);
    assert.equal(at('auditor', 'evidence.export'), true);
    assert.equal(at('auditor', 'log.check'), true);
    assert.equal(at('analyst', 'log.check'), false);
    assert.equal(at('auditor', 'log.backup'), false);
    assert.equal(at('analyst', 'log.backup'), false);
    assert.equal(at('admin', 'log.backup'), true);
    assert.equal(at('admin', 'rule.manage'), true);
    assert.equal(at('analyst', 'rule.manage'), false);
  });

  it('lets analysts and admins decide about alerts, and nobody who only reads', () => {
    const may = (['admin', 'analyst', 'auditor', 'reader', 'ingest', 'runtime'] as const).filter(
      (role) => at(role, 'alert.triage'),
    );
    assert.deepEqual(may, ['admin', 'analyst']);
  });

  it('keeps sources and runtimes to their one business', () => {
    assert.equal(at('ingest', 'otlp.ingest'), true);
    assert.equal(at('ingest', 'event.read'), false);
    assert.equal(at('runtime', 'sandbox.manage'), true);
    assert.equal(at('runtime', 'otlp.ingest'), false);
    assert.equal(at('reader', 'evidence.export'), false);
  });
});
