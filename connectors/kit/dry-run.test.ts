/** What is shown to whoever may look at a connector, and so must hold no secret in any form. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { httpSettings } from './config.ts';
import { defineConnector } from './define.ts';
import { dryRun } from './dry-run.ts';
import { secretReference } from './secret.ts';

const KEY = 'canary-key-0123456789';

/** Writes its secret into `authorization` as `write` says. */
function shownOf(write: (key: string) => string, key = KEY): string {
  const type = defineConnector({
    type: 'keyed',
    config: z.strictObject({ ...httpSettings, key: secretReference() }),
    encode: ({ id }) => Buffer.from(id),
    request: ({ items }, config) => ({
      method: 'POST',
      url: 'https://soc.example/',
      headers: { Authorization: write(config.key.reveal()) },
      body: items[0]!.bytes,
    }),
  });
  const run = dryRun('soc', type.configure('soc', { key: { env: 'KEY' } }), { KEY: key });
  assert.equal(run.ok, true);
  return run.requests[0]!.headers.Authorization!;
}

describe('the credentials of a dry run', () => {
  it('are their scheme, however the secret is written behind it', () => {
    assert.equal(
      shownOf((key) => `Bearer ${key}`),
      'Bearer [redacted]',
    );
    assert.equal(
      shownOf((key) => `Basic ${btoa(`me:${key}`)}`),
      'Basic [redacted]',
    );
  });

  it('are nothing where the secret is the whole of them', () => {
    for (const key of [KEY, `${KEY} and more`, `Bearer ${KEY}`]) {
      assert.doesNotMatch(
        shownOf((secret) => secret, key),
        /canary|more/,
      );
    }
  });
});
