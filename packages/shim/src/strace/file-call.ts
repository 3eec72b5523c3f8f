/**
 * Calls on files as `file.*` events: done, or denied with `file.errno`. Other failures are no
 * event.
 *
 * An open is told by what it was for (`openKind`); what is then read or written is not traced.
 * `file.flags` has all flags, so that a rule can look for `O_TRUNC` in a create.
 *
 * `file.path` is what the call acts on: the new name of a link, the old name of a rename.
 * `file.target_path` is where it leads: what a link points to, the new name of a rename.
 */
import { posix } from 'node:path';
import { openKind } from '../file/call.ts';
import { type Decoded, readString } from './argument.ts';
import { type Attributes, type Call, type Meaning, pathAttributes, resolvePath } from './call.ts';

type Reader = (call: Call) => Meaning | undefined;

const READERS: Record<string, Reader> = {
  open: (call) => opened(call, call.path(0), call.argument(1)),
  openat: (call) => opened(call, call.path(1, 0), call.argument(2)),
  openat2: (call) => opened(call, call.path(1, 0), /flags=([^,}]+)/.exec(call.argument(2))?.[1]),
  creat: (call) => opened(call, call.path(0), 'O_WRONLY|O_CREAT|O_TRUNC'),
  truncate: (call) => at('file.truncate', call.path(0)),
  ftruncate: (call) => at('file.truncate', call.descriptorPath(0)),
  unlink: (call) => at('file.delete', call.path(0)),
  unlinkat: (call) => at('file.delete', call.path(1, 0)),
  rmdir: (call) => at('file.delete', call.path(0)),
  rename: (call) => leading('file.rename', call.path(0), call.path(1)),
  renameat: (call) => leading('file.rename', call.path(1, 0), call.path(3, 2)),
  renameat2: renamed,
  link: (call) => leading('file.link', call.path(1), call.path(0)),
  linkat: (call) => leading('file.link', call.path(3, 2), linked(call)),
  symlink: (call) => symlinked(call.path(1), call.argument(0)),
  symlinkat: (call) => symlinked(call.path(2, 1), call.argument(0)),
  mkdir: (call) => at('file.mkdir', call.path(0)),
  mkdirat: (call) => at('file.mkdir', call.path(1, 0)),
  mknod: (call) => at('file.create', call.path(0), { 'file.mode': call.argument(1) }),
  mknodat: (call) => at('file.create', call.path(1, 0), { 'file.mode': call.argument(2) }),
  chmod: (call) => at('file.chmod', call.path(0), { 'file.mode': call.argument(1) }),
  fchmod: (call) => at('file.chmod', call.descriptorPath(0), { 'file.mode': call.argument(1) }),
  fchmodat: (call) => at('file.chmod', call.path(1, 0), { 'file.mode': call.argument(2) }),
  mount: mounted,
  umount2: (call) => at('file.mount', call.path(0), { 'file.flags': call.argument(1) }),
  move_mount: (call) => leading('file.mount', call.path(3, 2), call.path(1, 0)),
  mount_setattr: (call) => at('file.mount', call.path(1, 0), { 'file.flags': call.argument(3) }),
  open_tree: (call) => at('file.mount', call.path(1, 0), { 'file.flags': call.argument(2) }),
};

/** The calls read here; the set strace is asked for is made of it. */
export const FILE_CALLS = Object.keys(READERS);

/** `undefined` for another call, and for one that failed for an ordinary reason. */
export function fileEvent(call: Call): Meaning | undefined {
  if (call.outcome !== 'done' && call.outcome !== 'denied') return undefined;
  const reader = Object.hasOwn(READERS, call.name) ? READERS[call.name] : undefined;
  const meaning = reader?.(call);
  if (meaning === undefined) return undefined;
  const { kind, attributes } = meaning;
  const said: Attributes = { 'file.op': call.name, ...attributes };
  if (call.outcome === 'denied' && call.errno !== undefined) said['file.errno'] = call.errno;
  return { kind, attributes: said };
}

function at(kind: string, path: Decoded | undefined, more: Attributes = {}): Meaning {
  return { kind, attributes: { ...pathAttributes('file.path', path), ...more } };
}

function leading(kind: string, path: Decoded | undefined, target: Decoded | undefined): Meaning {
  return at(kind, path, pathAttributes('file.target_path', target));
}

/** RENAME_NOREPLACE says that nothing was lost by it. */
function renamed(call: Call): Meaning {
  const { kind, attributes } = leading('file.rename', call.path(1, 0), call.path(3, 2));
  return { kind, attributes: { ...attributes, 'file.flags': call.argument(4) } };
}

function opened(call: Call, path: Decoded | undefined, flags = ''): Meaning {
  const real = pathAttributes('file.real_path', call.returned());
  return at(openKind(flags), path, { ...real, 'file.flags': flags });
}

/** With AT_EMPTY_PATH the thing linked is the descriptor itself. */
function linked(call: Call): Decoded | undefined {
  const isEmpty = readString(call.argument(1))?.text === '';
  return isEmpty ? call.descriptorPath(0) : call.path(1, 0);
}

/** What a symbolic link holds is read from the directory the link is in. */
function symlinked(path: Decoded | undefined, target: string): Meaning {
  const text = readString(target);
  const from = path === undefined ? undefined : posix.dirname(path.text);
  return leading('file.symlink', path, text === undefined ? undefined : resolvePath(from, text));
}

function mounted(call: Call): Meaning {
  const source = readString(call.argument(0));
  const type = readString(call.argument(2));
  return at('file.mount', call.path(1), {
    ...pathAttributes('file.source', source),
    ...pathAttributes('file.fstype', type),
    'file.flags': call.argument(3),
  });
}
