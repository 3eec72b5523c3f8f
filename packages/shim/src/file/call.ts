/**
 * System calls on files by name, for emitters that hand on numbers: the kind of event each is, the
 * names of flags and errors, and which errors mean "you may not". Numbers are those of Linux on
 * x86-64, as in `<asm-generic/fcntl.h>` and `<asm-generic/errno.h>`; some flags differ on arm64.
 */
import { constants } from 'node:os';

/** The errno values that mean "you may not"; anything else is an ordinary failure. */
export const DENIED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSYS']);

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, code]) => [code, name]));

/** `EACCES` for 13; a number without a name stays one. */
export function errnoName(code: number): string {
  return ERRNO_NAMES.get(code) ?? `E${code}`;
}

const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
);

/** `SIGKILL` for 9. */
export function signalName(signal: number): string {
  return SIGNAL_NAMES.get(signal as never) ?? `SIG${signal}`;
}

export const FILE_KINDS: Readonly<Record<string, string>> = {
  truncate: 'file.truncate',
  ftruncate: 'file.truncate',
  unlink: 'file.delete',
  unlinkat: 'file.delete',
  rmdir: 'file.delete',
  rename: 'file.rename',
  renameat: 'file.rename',
  renameat2: 'file.rename',
  link: 'file.link',
  linkat: 'file.link',
  symlink: 'file.symlink',
  symlinkat: 'file.symlink',
  mkdir: 'file.mkdir',
  mkdirat: 'file.mkdir',
  mknod: 'file.create',
  mknodat: 'file.create',
  chmod: 'file.chmod',
  fchmod: 'file.chmod',
  fchmodat: 'file.chmod',
  mount: 'file.mount',
  umount2: 'file.mount',
};

const ACCESS = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'] as const;
const OPEN_FLAGS: readonly (readonly [string, number])[] = [
  ['O_CREAT', 0o100],
  ['O_EXCL', 0o200],
  ['O_NOCTTY', 0o400],
  ['O_TRUNC', 0o1000],
  ['O_APPEND', 0o2000],
  ['O_NONBLOCK', 0o4000],
  ['O_DIRECTORY', 0o200000],
  ['O_NOFOLLOW', 0o400000],
  ['O_CLOEXEC', 0o2000000],
  ['O_PATH', 0o10000000],
  ['O_TMPFILE', 0o20000000],
];

/** As strace prints them: `O_WRONLY|O_CREAT|O_TRUNC`. */
export function openFlags(flags: number): string {
  const set = OPEN_FLAGS.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
  return [ACCESS[flags & 3]!, ...set].join('|');
}

const RENAME_FLAGS = ['RENAME_NOREPLACE', 'RENAME_EXCHANGE', 'RENAME_WHITEOUT'];

export function renameFlags(flags: number): string {
  return RENAME_FLAGS.filter((_, bit) => (flags & (1 << bit)) !== 0).join('|');
}

/**
 * An open for reading is `file.read`, for it is what the program asked for. `O_DIRECTORY` and
 * `O_PATH` read nothing and are `file.open`. An open for writing is `file.create` with O_CREAT,
 * else `file.truncate` with O_TRUNC, else `file.write`.
 */
export function openKind(flags: string): string {
  const all = new Set(flags.split('|'));
  if (all.has('O_CREAT') || all.has('O_TMPFILE')) return 'file.create';
  if (all.has('O_TRUNC')) return 'file.truncate';
  if (all.has('O_PATH') || all.has('O_DIRECTORY')) return 'file.open';
  return all.has('O_WRONLY') || all.has('O_RDWR') ? 'file.write' : 'file.read';
}
