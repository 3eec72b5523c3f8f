/**
 * Everything that is decided before anything is started: what runs, in what, with what around it.
 */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  FORWARD_CONNECTIONS_MAX,
  RUN_ENVIRONMENT_BYTES_MAX,
  type SandboxDescription,
  Scrubber,
} from '@vitrine/schema';
import { hostEnvironment } from '../config.ts';
import { fingerprint } from '../egress/credential.ts';
import { ShimError } from '../error.ts';
import { HOOK_SCRIPT, TELEMETRY_SWITCHES } from '../hook/settings.ts';
import {
  bwrapArguments,
  INSIDE,
  INSIDE_OTLP_GRPC_PORT,
  INSIDE_OTLP_PORT,
  privateDirectories,
  searchedDirectories,
} from '../sandbox/bwrap.ts';
import type { Machine } from '../sandbox/detect.ts';
import { type CheckedGrants, checkGrants } from '../sandbox/grant.ts';
import { findPrivate } from '../sandbox/private.ts';
import { findSockets } from '../sandbox/sockets.ts';
import { straceArguments } from '../sandbox/strace.ts';
import { hostIdentity, userName } from './host.ts';
import type { RunOptions } from './options.ts';

const FORWARDER = fileURLToPath(new URL('../forward/forward.mjs', import.meta.url));
/** In the sandbox every port is free; outside, any that is. */
const PROXY_PORT = 3128;
const DEFAULT_TLS_PORT = 443;
/** The file descriptor bubblewrap reports on. */
const INFO_FD = 3;

/** Files of one run, in a directory of mode 0700 that the sandbox does not see. */
export interface RunFiles {
  dir: string;
  opp: string;
  agentIntake: string;
  boundaryIntake: string;
  egress: string;
  certificate: string;
  mitmproxy: string;
  fifo: string;
  spool: string;
}

export function runFiles(dir: string): RunFiles {
  return {
    dir,
    opp: join(dir, 'opp.sock'),
    agentIntake: join(dir, 'agent.sock'),
    boundaryIntake: join(dir, 'boundary.sock'),
    egress: join(dir, 'egress.sock'),
    certificate: join(dir, 'ca.pem'),
    mitmproxy: join(dir, 'mitmproxy'),
    fifo: join(dir, 'strace.fifo'),
    spool: join(dir, 'spool'),
  };
}

export interface Plan {
  description: SandboxDescription;
  checked: CheckedGrants;
  /** The whole command line, outermost program first. */
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  infoFd: number;
  sandboxed: boolean;
  traced: boolean;
  /** The program after whose start the agent's first is due, as strace prints it. */
  forwarder: string;
  secrets: string[];
  /** The agent's command, scrubbed. */
  shown: string[];
  /** Fingerprints of the session's own credentials. */
  credentials: string[];
}

/** Throws SANDBOX_UNAVAILABLE, GRANT_INVALID, CREDENTIAL_INVALID or ENVIRONMENT_TOO_LARGE. */
export async function makePlan(
  options: RunOptions,
  machine: Machine,
  files: RunFiles,
): Promise<Plan> {
  if (!machine.bwrap && options.allowUnsandboxed !== true) throw unavailable(machine);
  if (options.command.length === 0) {
    throw new ShimError('SANDBOX_UNAVAILABLE', 'there is no command to run', 'vitrine run -- CMD');
  }
  const { workspace, ro = [], rw = [], rwNoDelete, hidden = [], credentials = [] } = options;
  const masked = [...hidden, files.dir];
  const checked = checkGrants({ workspace, ro, rw, rwNoDelete: rwNoDelete ?? [], hidden: masked });
  const secrets = credentials.map(({ value }) => value);
  const key = Buffer.from(options.fingerprintKey, 'hex');
  const prints = [...new Set(secrets.map((secret) => fingerprint(key, secret)))];
  const shown = new Scrubber(secrets).argv(options.command);
  const sandboxed = machine.bwrap;
  return {
    description: describe(options, machine, checked, { prints, shown }),
    checked,
    argv: await commandLine(options, machine, files, checked),
    env: forwarderEnvironment(options, files, sandboxed),
    cwd: checked.workspace,
    infoFd: INFO_FD,
    sandboxed,
    traced: machine.strace,
    forwarder: sandboxed ? INSIDE.node : process.execPath,
    secrets,
    shown,
    credentials: prints,
  };
}

function unavailable({ absent, install }: Machine): ShimError {
  const reason = absent.find(({ source }) => source === 'sandbox')?.reason ?? '';
  const hint =
    install === ''
      ? 'allow user namespaces on this machine, or add --allow-unsandboxed'
      : `${install}; or add --allow-unsandboxed`;
  return new ShimError('SANDBOX_UNAVAILABLE', `there is no sandbox here: ${reason}`, hint);
}

function describe(
  options: RunOptions,
  machine: Machine,
  checked: CheckedGrants,
  { prints, shown }: { prints: string[]; shown: string[] },
): SandboxDescription {
  const hosts = (options.allow ?? []).map(({ host, port }) =>
    port === DEFAULT_TLS_PORT ? host : `${host}:${port}`,
  );
  return {
    runtime: machine.bwrap ? 'native' : 'none',
    host: hostIdentity(options.host),
    user: options.user ?? userName(),
    command: shown,
    grants: machine.bwrap ? checked.grants : [],
    credentials: prints,
    hosts: [...new Set(hosts)],
    // The agent may call itself by any name, at its own vantage.
    expected: ['run', egressShim(options), ...(machine.strace ? ['strace'] : [])].map(
      (name) => `boundary/${name}`,
    ),
    absent: machine.absent,
    ...(options.functions === undefined ? {} : { functions: options.functions }),
    ...(options.purpose === undefined ? {} : { purpose: options.purpose }),
  };
}

/** The source that sees what leaves. */
export function egressShim({ mitmdump }: Pick<RunOptions, 'mitmdump'>): 'egress' | 'mitmproxy' {
  return mitmdump === undefined ? 'egress' : 'mitmproxy';
}

async function commandLine(
  options: RunOptions,
  machine: Machine,
  files: RunFiles,
  checked: CheckedGrants,
): Promise<string[]> {
  let argv = [process.execPath, FORWARDER];
  if (machine.bwrap) {
    const { sockets, unfinished } = await findSockets(searchedDirectories(checked));
    for (const path of unfinished) {
      options.say(`${path} is too large to be searched for sockets of this machine`);
    }
    const secret = await findPrivate(privateDirectories());
    // Anyone else is kept from the rest by its mode, inside as outside.
    if (secret.unfinished.length > 0 && userInfo().uid === 0) {
      const message = `${secret.unfinished.join(', ')} is too large to be searched for secrets`;
      const hint = 'root could read them inside: run this as another user';
      throw new ShimError('SANDBOX_UNAVAILABLE', message, hint);
    }
    argv = [
      'bwrap',
      ...bwrapArguments({
        checked,
        home: hostEnvironment().home,
        ours: {
          node: process.execPath,
          forwarder: FORWARDER,
          intake: files.agentIntake,
          egress: files.egress,
          certificate: files.certificate,
          hook: HOOK_SCRIPT,
        },
        sockets,
        secret: secret.found,
        infoFd: INFO_FD,
        command: [INSIDE.node, INSIDE.forwarder],
      }),
    ];
  }
  if (!machine.strace) return argv;
  const { fast = false } = options;
  return ['strace', ...straceArguments({ output: files.fifo, fast, command: argv })];
}

/** One variable: what the forwarder runs with must not be the user's or the agent's to choose. */
function forwarderEnvironment(
  options: RunOptions,
  files: RunFiles,
  sandboxed: boolean,
): Record<string, string> {
  const given = (options.credentials ?? []).map(({ name, value }) => [name, value]);
  const env = {
    ...TELEMETRY_SWITCHES,
    ...hostEnvironment().handedOn,
    ...Object.fromEntries(given),
    ...options.env,
  };
  const text = JSON.stringify({
    command: options.command,
    env,
    otlp: sandboxed
      ? { port: INSIDE_OTLP_PORT, socket: INSIDE.intake }
      : { port: 0, socket: files.agentIntake },
    // Where gRPC exporters look by themselves; outside a sandbox it may be somebody else's port.
    ...(sandboxed ? { otlpGrpc: { port: INSIDE_OTLP_GRPC_PORT, socket: INSIDE.intake } } : {}),
    proxy: sandboxed
      ? { port: PROXY_PORT, socket: INSIDE.egress }
      : { port: 0, socket: files.egress },
    caFile: sandboxed ? INSIDE.certificate : files.certificate,
    connectionsMax: FORWARD_CONNECTIONS_MAX,
  });
  const bytes = Buffer.byteLength(text);
  if (bytes > RUN_ENVIRONMENT_BYTES_MAX) {
    const most = RUN_ENVIRONMENT_BYTES_MAX;
    const message = `command and environment have ${bytes} bytes, ${most} at most`;
    throw new ShimError('ENVIRONMENT_TOO_LARGE', message, 'put large values into a file');
  }
  // PATH is for finding strace and bubblewrap; the sandbox gets none of this.
  return { VITRINE_FORWARD: text, PATH: hostEnvironment().path };
}
