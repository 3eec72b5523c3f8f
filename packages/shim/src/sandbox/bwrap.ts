/**
 * The bubblewrap command line of a session: no network, no capabilities, the system read-only, the
 * grants, and the few things of ours in /run/vitrine. bubblewrap keeps the isolation.
 */
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckedGrants } from './grant.ts';
import type { PrivatePath } from './private.ts';

/** Where our things are, inside. */
export const INSIDE_DIR = '/run/vitrine';
export const INSIDE = {
  node: join(INSIDE_DIR, 'node'),
  forwarder: join(INSIDE_DIR, 'forward.mjs'),
  intake: join(INSIDE_DIR, 'intake.sock'),
  egress: join(INSIDE_DIR, 'egress.sock'),
  certificate: join(INSIDE_DIR, 'ca.pem'),
  hook: join(INSIDE_DIR, 'hook.mjs'),
} as const;

/** The forwarder's port that leads to the intake. */
export const INSIDE_OTLP_PORT = 4318;
/** Another to the same intake: either takes HTTP and gRPC. */
export const INSIDE_OTLP_GRPC_PORT = 4317;

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt'];
const ETC = '/etc';
/** Never visible, not even in a grant of what they lie in. */
const PASSWORDS = ['/etc/shadow', '/etc/gshadow', '/etc/shadow-', '/etc/gshadow-'];
/** System directories in which services of the host keep what is not for everyone. */
const CONFIGURED = [ETC, '/opt', '/usr/local/etc'];

export interface SandboxLayout {
  checked: CheckedGrants;
  home: string;
  /** Our things on the host, by what they are inside; those left out are not bound. */
  ours: Partial<Record<keyof typeof INSIDE, string>>;
  /** Sockets to cover. */
  sockets: string[];
  /** What `privateDirectories` hold that is not for everyone: covered unless granted. */
  secret: PrivatePath[];
  /** Number of the file descriptor that gets bubblewrap's own report. */
  infoFd: number;
  command: string[];
}

/** System directories this machine has; the link `/bin` and the like count as what they lead to. */
function systemDirectories(): string[] {
  return SYSTEM.filter((path) => existsSync(path));
}

/** Directories that may hold sockets of the host although they are no place for them. */
export function searchedDirectories(checked: CheckedGrants): string[] {
  return [ETC, '/opt', ...checked.grants.map(({ path }) => path)].filter((path) =>
    existsSync(path),
  );
}

/** Directories that are bound in whole although not all in them is for everyone. */
export function privateDirectories(): string[] {
  return CONFIGURED.filter((path) => existsSync(path)).map((path) => realpathSync(path));
}

export function bwrapArguments(layout: SandboxLayout): string[] {
  const { checked, home, ours, sockets, secret, infoFd, command } = layout;
  return [
    '--unshare-all',
    ...['--cap-drop', 'ALL'],
    '--die-with-parent',
    '--new-session',
    ...['--hostname', 'sandbox'],
    ...['--info-fd', String(infoFd)],
    ...[...systemDirectories(), ETC].flatMap(readOnly),
    // Before the grants: what is granted is seen.
    ...secret.flatMap(hidden),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--tmpfs', '/run'],
    ...(home === '/' ? [] : ['--tmpfs', home]),
    ...checked.grants.flatMap(({ path, mode }) => [
      mode === 'ro' ? '--ro-bind' : '--bind',
      path,
      path,
    ]),
    ...checked.masked.flatMap((path) => ['--tmpfs', path]),
    ...PASSWORDS.filter((path) => existsSync(path)).flatMap(covered),
    ...sockets
      .filter((path) => !checked.masked.some((dir) => path.startsWith(`${dir}/`)))
      .flatMap(covered),
    // A mount of its own, so that it cannot be moved away with what is in it.
    ...['--tmpfs', INSIDE_DIR],
    ...Object.entries(ours).flatMap(([name, path]) => {
      return ['--ro-bind', path, INSIDE[name as keyof typeof INSIDE]];
    }),
    ...['--remount-ro', INSIDE_DIR],
    ...['--chdir', checked.workspace],
    '--',
    ...command,
  ];
}

function readOnly(path: string): string[] {
  const isLink = lstatSync(path).isSymbolicLink();
  return isLink ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}

function covered(path: string): string[] {
  return ['--ro-bind', '/dev/null', path];
}

function hidden({ path, isDirectory }: PrivatePath): string[] {
  return isDirectory ? ['--tmpfs', path] : covered(path);
}
