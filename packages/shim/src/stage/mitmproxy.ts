/**
 * The real mitmproxy for tests, from the cache outside the project, with its shim around it. It
 * reaches a server of the test's own on the loopback address, and nothing else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { namedVariable } from '../config.ts';
import { freePort, listens } from '../mitmproxy/port.ts';

/** The version of the recordings in `fixtures/mitmproxy.txt`, and of the guide. */
export const MITMPROXY_VERSION = '11.0.2';

const ENTRY = fileURLToPath(new URL('./mitmproxy-shim.ts', import.meta.url));

/** `undefined` where it has not been installed: `.ci/mitmproxy` does it. */
export function installedMitmdump(): string | undefined {
  const home = namedVariable('HOME') ?? '/';
  const cache = namedVariable('XDG_CACHE_HOME') ?? join(home, '.cache');
  const program = join(cache, 'vitrine', `mitmproxy-${MITMPROXY_VERSION}`, 'bin', 'mitmdump');
  return existsSync(program) ? program : undefined;
}

/** Why its tests are skipped: false where they can run, or have to. */
export function skipWithoutMitmdump(): string | false {
  const isRequired = namedVariable('VITRINE_REQUIRE') === 'all';
  return installedMitmdump() !== undefined || isRequired ? false : '.ci/mitmproxy installs it';
}

export interface StageMitmproxyOptions {
  /** For what mitmproxy makes: its authority, and nothing of ours. */
  dir: string;
  intake: string;
  mitmdump: string;
  /** Port of the loopback address that every name leads to. */
  upstream: number;
  /** Further members of `MitmproxyGiven`. */
  given?: Record<string, string>;
  env?: Record<string, string>;
}

export class StageMitmproxy {
  readonly child: ChildProcess;
  readonly port: number;
  /** PEM of the authority its certificates are signed by. */
  ca = '';
  said = '';

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
    child.stderr!.on('data', (chunk) => {
      this.said += chunk;
    });
  }

  /** Resolves when it listens and its addon has met the shim. */
  static async start(options: StageMitmproxyOptions): Promise<StageMitmproxy> {
    const { dir, intake, upstream, given = {}, env = {} } = options;
    const port = await freePort();
    const confdir = join(dir, 'mitmproxy');
    const mitmdump = routed(options.mitmdump, dir, upstream);
    const all = { intake, mitmdump, confdir, listen: `127.0.0.1:${port}`, ...given };
    const child = spawn(process.execPath, [ENTRY, JSON.stringify(all)], {
      env: { PATH: '/usr/bin:/bin', HOME: dir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stage = new StageMitmproxy(child, port);
    const ready = once(createInterface({ input: child.stdout! }), 'line');
    await Promise.race([ready, once(child, 'exit')]);
    const caFile = join(confdir, 'mitmproxy-ca-cert.pem');
    for (let tries = 0; tries < 1_000 && !(await listens(port)); tries++) {
      if (child.exitCode !== null) throw new Error(`mitmproxy did not start: ${stage.said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    stage.ca = readFileSync(caFile, 'utf8');
    return stage;
  }

  /** Its exit code, when it is told to end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill(signal);
      await exited;
    }
    return this.child.exitCode;
  }
}

/** A mitmdump that leads every name to one port: nothing in a test may leave this machine. */
export function routed(mitmdump: string, dir: string, port: number): string {
  const [script, program] = [join(dir, 'route.py'), join(dir, 'mitmdump')];
  writeFileSync(
    script,
    `def server_connect(data):\n    data.server.address = ("127.0.0.1", ${port})\n`,
  );
  writeFileSync(program, `#!/bin/sh\nexec '${mitmdump}' "$@" --scripts '${script}'\n`);
  chmodSync(program, 0o700);
  return program;
}
