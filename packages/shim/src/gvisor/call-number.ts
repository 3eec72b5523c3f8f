/**
 * Calls that the sink tells of by number alone, and their numbers (Linux: asm/unistd_64.h of x86,
 * and asm-generic/unistd.h, which arm64 has). Paths are addresses in such messages.
 */

/** A machine without a number has no such call. */
const NUMBERS: Readonly<Record<string, { x64?: number; arm64?: number }>> = {
  listen: { x64: 50, arm64: 201 },
  truncate: { x64: 76, arm64: 45 },
  ftruncate: { x64: 77, arm64: 46 },
  rename: { x64: 82 },
  mkdir: { x64: 83 },
  rmdir: { x64: 84 },
  link: { x64: 86 },
  unlink: { x64: 87 },
  symlink: { x64: 88 },
  chmod: { x64: 90 },
  fchmod: { x64: 91, arm64: 52 },
  ptrace: { x64: 101, arm64: 117 },
  mknod: { x64: 133 },
  pivot_root: { x64: 155, arm64: 41 },
  mount: { x64: 165, arm64: 40 },
  umount2: { x64: 166, arm64: 39 },
  mkdirat: { x64: 258, arm64: 34 },
  mknodat: { x64: 259, arm64: 33 },
  unlinkat: { x64: 263, arm64: 35 },
  renameat: { x64: 264, arm64: 38 },
  linkat: { x64: 265, arm64: 37 },
  symlinkat: { x64: 266, arm64: 36 },
  fchmodat: { x64: 268, arm64: 53 },
  unshare: { x64: 272, arm64: 97 },
  setns: { x64: 308, arm64: 268 },
  process_vm_readv: { x64: 310, arm64: 270 },
  process_vm_writev: { x64: 311, arm64: 271 },
  renameat2: { x64: 316, arm64: 276 },
  bpf: { x64: 321, arm64: 280 },
  execveat: { x64: 322, arm64: 281 },
  io_uring_setup: { x64: 425, arm64: 425 },
};

/** Names by number; none for a machine that gVisor does not run on. */
export function rawCalls(arch: string): ReadonlyMap<number, string> {
  if (arch !== 'x64' && arch !== 'arm64') return new Map();
  return new Map(
    Object.entries(NUMBERS).flatMap(([name, { [arch]: number }]) =>
      number === undefined ? [] : [[number, name]],
    ),
  );
}

/** Of this machine: a sink is reached by those of the same one alone. */
export const RAW_CALLS = rawCalls(process.arch);
