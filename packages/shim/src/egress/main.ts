/**
 * The egress proxy as a process of its own: settings on stdin as one line of JSON, `{"ready":true}`
 * on stdout when it listens. It reports through the SDK, as OTLP/gRPC on the relay's intake. When
 * stdin closes it ends, so it cannot outlive its parent.
 */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { EGRESS_AUDIT_MS_MAX } from '@vitrine/schema';
import { ShimError } from '../error.ts';
import { endpointOf } from '../sdk/endpoint.ts';
import { Reporter } from '../sdk/reporter.ts';
import { ShimLife } from '../send/life.ts';
import type { RunAuthority } from './certificate.ts';
import { CredentialReader } from './credential.ts';
import type { HostRule } from './host-rule.ts';
import { EgressProxy } from './proxy.ts';

/** What the parent writes; it is ours, and checked only as far as a slip would show. */
export interface EgressSettings {
  /** Socket to listen on. */
  socket: string;
  /** Socket of the relay's intake. */
  intake: string;
  /** Where to write the certificate the sandbox is to trust. */
  certificateFile: string;
  /** Hex. */
  fingerprintKey: string;
  rules: HostRule[];
  /** Fingerprints of the session's own credentials. */
  provisioned: string[];
}

/** Runs until stdin closes; resolves with the exit code: 1 when an event was lost. */
export async function runEgressProxy(): Promise<number> {
  const input = createInterface({ input: process.stdin });
  const lines = input[Symbol.asyncIterator]();
  const settings = readSettings((await lines.next()).value);
  // Both load their libraries here only: whoever merely names this module need not wait for them.
  const [reporter, authority] = await Promise.all([
    Reporter.start({
      endpoint: endpointOf(`unix://${settings.intake}`),
      shim: 'egress',
      log: (line) => process.stderr.write(`vitrine: ${line}\n`),
    }),
    createAuthority(),
  ]);
  writeFileSync(settings.certificateFile, authority.certificate, { mode: 0o644 });
  const key = Buffer.from(settings.fingerprintKey, 'hex');
  const proxy = new EgressProxy({
    rules: settings.rules,
    authority,
    credentials: new CredentialReader(key, settings.provisioned),
    report: (event, boundMs = EGRESS_AUDIT_MS_MAX) => reporter.add(event, boundMs),
  });
  await proxy.listen(settings.socket);
  const life = new ShimLife(reporter, () => ({ ...proxy.counts }));
  life.hello();
  // The terminal's Ctrl-C is for the agent; the parent ends this process when it is time.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => input.close());
  process.stdout.write('{"ready":true}\n');
  while ((await lines.next()).done !== true);
  await proxy.close();
  const whole = await life.bye();
  return whole ? 0 : 1;
}

async function createAuthority(): Promise<RunAuthority> {
  const certificate = await import('./certificate.ts');
  return certificate.RunAuthority.create(Date.now());
}

export function readSettings(line: unknown): EgressSettings {
  try {
    const settings = JSON.parse(String(line)) as EgressSettings;
    if (typeof settings.socket === 'string' && Array.isArray(settings.rules)) return settings;
  } catch {
    // Said below.
  }
  const hint = 'this program is started by `vitrine run`';
  throw new ShimError('CONFIG_INVALID', 'the first line on stdin is no settings', hint);
}
