/** What `vitrine run` is told: everything it needs of the world beside this machine's own state. */
import type { HostIdentity } from '@vitrine/schema';
import { namedVariable } from '../config.ts';
import type { HostRule } from '../egress/host-rule.ts';
import { ShimError } from '../error.ts';

export interface GivenCredential {
  name: string;
  value: string;
}

export interface RunOptions {
  /** The agent's command; looked up in PATH inside the sandbox. */
  command: string[];
  /** Directory the agent works in: read-write, at its own path. */
  workspace: string;
  /** More directories, at their own paths. */
  ro?: string[];
  rw?: string[];
  /** Read-write, and nothing in them is meant to be lost: what loses it is marked in its event. */
  rwNoDelete?: string[];
  /** Host directories that stay invisible even inside a grant: the collector's data directory. */
  hidden?: string[];
  /** Hosts the agent may reach; none means that it reaches nothing. */
  allow?: HostRule[];
  /** Credentials of this session: put into the agent's environment, told of by fingerprint only. */
  credentials?: GivenCredential[];
  /** More variables of the agent's environment. */
  env?: Record<string, string>;
  /** Functions of providers that it may use beside its model's, as `parseFunction` has them. */
  functions?: string[];
  /** What the session is for. */
  purpose?: 'work' | 'evaluation';
  /** Name of the session; the collector makes one if it is left out. */
  session?: string;
  /** Who runs it; the user of this process if it is left out. */
  user?: string;
  /** Said of this host beside what it says itself: address, EDR. */
  host?: Partial<Pick<HostIdentity, 'name' | 'ip' | 'edr'>>;
  collector: { api: string; token: string };
  /** `apps/relay/bin/relay.mjs`. */
  relayEntry: string;
  /** The tenant's fingerprint key, hex. It stays on the host. */
  fingerprintKey: string;
  /** mitmproxy in place of our own egress proxy: its program, a path or a name in `PATH`. */
  mitmdump?: string;
  /** Without bubblewrap: run the command with no sandbox around it rather than refuse. */
  allowUnsandboxed?: boolean;
  /** strace with `--seccomp-bpf`: cheaper, and a program can make calls that it does not see. */
  fast?: boolean;
  /** Gets our own messages, one short line each. */
  say: (line: string) => void;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `NAME=VALUE`, or `NAME` for the variable of that name in our own environment. */
export function parseCredential(text: string): GivenCredential {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? namedVariable(name) : text.slice(equals + 1);
  if (!NAME.test(name) || value === undefined || value === '') {
    // The text may be a secret in itself: it is not repeated.
    const message = 'a credential is neither NAME=VALUE nor the name of a variable that is set';
    throw new ShimError(
      'CREDENTIAL_INVALID',
      message,
      'write --credential NAME to take it from $NAME',
    );
  }
  return { name, value };
}
