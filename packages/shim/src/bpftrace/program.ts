/**
 * The bpftrace program: one record a line, assembled by thread in the adapter. Written for 0.17,
 * the version of Debian 12, which reads no path from a `struct path`: where a descriptor or a
 * working directory is needed, the directory entries are walked up, across mounts, to the root the
 * sandbox sees. Only tracepoints are used, which every kernel with BTF has.
 *
 * Records: `C` a call, `N` its second name, `B` and `M` where its names are relative to, `F` the
 * file it led to, each of the three followed by `D` for a name of the walk and `R` at the root, `E`
 * the end of the call; `X` a program about to be executed, `A` an argument, `P` it runs; `G` a
 * process is made, `Q` one is gone; `K` a socket address, `U` or `V` its name, `L` one that
 * listens; `S` a step of an escape; `Z` a call that was turned away before it began, as a filter of
 * seccomp does; `T` the beginning.
 */

/** `curtask->fs->pwd` below, or the directory of a descriptor. */
const AT_FDCWD = '-100';
/** Names of a walk, and arguments of a program: what a probe of this version can hold. */
const WALK_STEPS = 12;
const ARGUMENTS = 16;
/** `struct mount` begins so many bytes before the `struct vfsmount` in it (fs/mount.h). */
const MOUNT_OFFSET = 32;
const O_CREAT_WRONLY_TRUNC = '0x241';

interface Named {
  name: string;
  /** Expressions on `args`: the first name, and the directory it is relative to. */
  path: string;
  dir?: string;
  second?: string;
  secondDir?: string;
  /** An expression for the number that is told with the call: flags or a mode. */
  number?: string;
  /** The result is a descriptor: say where it led. */
  opens?: true;
}

const NAMED: readonly Named[] = [
  { name: 'open', path: 'filename', number: 'args->flags', opens: true },
  { name: 'openat', path: 'filename', dir: 'dfd', number: 'args->flags', opens: true },
  {
    name: 'openat2',
    path: 'filename',
    dir: 'dfd',
    number: '*(uint64 *)((uint64)args->how)',
    opens: true,
  },
  { name: 'creat', path: 'pathname', opens: true },
  { name: 'unlink', path: 'pathname' },
  { name: 'unlinkat', path: 'pathname', dir: 'dfd', number: 'args->flag' },
  { name: 'rmdir', path: 'pathname' },
  { name: 'mkdir', path: 'pathname', number: 'args->mode' },
  { name: 'mkdirat', path: 'pathname', dir: 'dfd', number: 'args->mode' },
  { name: 'mknod', path: 'filename', number: 'args->mode' },
  { name: 'mknodat', path: 'filename', dir: 'dfd', number: 'args->mode' },
  { name: 'truncate', path: 'path' },
  { name: 'chmod', path: 'filename', number: 'args->mode' },
  { name: 'fchmodat', path: 'filename', dir: 'dfd', number: 'args->mode' },
  { name: 'rename', path: 'oldname', second: 'newname' },
  {
    name: 'renameat',
    path: 'oldname',
    dir: 'olddfd',
    second: 'newname',
    secondDir: 'newdfd',
  },
  {
    name: 'renameat2',
    path: 'oldname',
    dir: 'olddfd',
    second: 'newname',
    secondDir: 'newdfd',
    number: 'args->flags',
  },
  { name: 'link', path: 'oldname', second: 'newname' },
  { name: 'linkat', path: 'oldname', dir: 'olddfd', second: 'newname', secondDir: 'newdfd' },
  { name: 'symlink', path: 'oldname', second: 'newname' },
  { name: 'symlinkat', path: 'oldname', second: 'newname', secondDir: 'newdfd' },
  { name: 'mount', path: 'dev_name', second: 'dir_name', number: 'args->flags' },
  { name: 'umount', path: 'name', number: 'args->flags' },
];
/** Calls on a descriptor. */
const ON_FILE = [
  { name: 'ftruncate', number: 'args->length' },
  { name: 'fchmod', number: 'args->mode' },
] as const;
const SOCKET_CALLS = ['connect', 'bind'] as const;
const ESCAPES = [
  'unshare',
  'setns',
  'ptrace',
  'bpf',
  'pivot_root',
  'chroot',
  'io_uring_setup',
  'process_vm_readv',
  'process_vm_writev',
  'init_module',
  'finit_module',
] as const;

/** `cgroup`: directory of the sandbox's cgroup (v2). `known`: tracepoints this kernel has. */
export function programOf(cgroup: string, known: ReadonlySet<string>): string {
  const filter = `/cgroup == cgroupid(${JSON.stringify(cgroup)})/`;
  const has = ({ name }: { name: string }): boolean => known.has(name);
  return [
    'BEGIN { printf("T|%llu", nsecs); }',
    ...processProbes(filter),
    ...NAMED.filter(has).map((call) => namedProbes(call, filter)),
    ...ON_FILE.filter(has).map((call) => fileProbes(call, filter)),
    ...SOCKET_CALLS.map((name) => socketProbes(name, filter)),
    ...ESCAPES.map((name) => ({ name }))
      .filter(has)
      .map(({ name }) => escapeProbes(name, filter)),
    listenProbes(filter),
  ].join('\n');
}

/** Names of the calls of whose tracepoints `programOf` is to be told. */
export const TRACED_CALLS: readonly string[] = [
  ...NAMED.map(({ name }) => name),
  ...ON_FILE.map(({ name }) => name),
  ...ESCAPES,
];

function processProbes(filter: string): string[] {
  const argument = `if ($more) { $a = *(args->argv + $i);
    if ($a == 0) { $more = 0; } else { printf("A|%d|%s", tid, str($a)); } $i = $i + 1; }`;
  return [
    `tracepoint:sched:sched_process_fork ${filter} {
  printf("G|%d|%d", pid, args->child_pid);
}`,
    `tracepoint:syscalls:sys_enter_execve ${filter} {
  printf("X|%d|%s", tid, str(args->filename));
  ${walk('B', PWD)}
  $i = 0; $more = 1; unroll(${ARGUMENTS}) { ${argument} }
  if ($more) { printf("A|%d", tid); }
}`,
    `tracepoint:sched:sched_process_exec ${filter} {
  printf("P|%llu|%d|%d|%d|%d|%s", nsecs, pid, args->old_pid, curtask->real_parent->tgid, uid,
    str(args->filename));
}`,
    `tracepoint:syscalls:sys_exit_execve ${filter} {
  if (args->ret < 0) { printf("S|execve|%llu|%d|%d|%d", nsecs, pid, tid, args->ret); }
}`,
    `tracepoint:sched:sched_process_exit ${filter} {
  if (tid == pid) { printf("Q|%llu|%d|%d", nsecs, pid, curtask->exit_code); }
}`,
  ];
}

function namedProbes(call: Named, filter: string): string {
  const { name, path, dir, second, secondDir, number, opens } = call;
  const enter = [
    `@p[tid] = args->${path};`,
    dir === undefined ? `@d[tid] = (int64)${AT_FDCWD};` : `@d[tid] = (int64)(int32)args->${dir};`,
    `@f[tid] = (int64)${number === undefined ? numberOf(name) : number};`,
    ...(second === undefined ? [] : [`@q[tid] = args->${second};`]),
    ...(secondDir === undefined ? [] : [`@e[tid] = (int64)(int32)args->${secondDir};`]),
  ];
  const told = 'nsecs, pid, tid, args->ret, @f[tid], str(@p[tid])';
  const exit = [
    `printf("C|${name}|%llu|%d|%d|%d|%d|%s", ${told});`,
    baseWalk('B', 'p', 'd'),
    ...(second === undefined ? [] : [`printf("N|%d|%s", tid, str(@q[tid]));`]),
    ...(second === undefined ? [] : [baseWalk('M', 'q', secondDir === undefined ? '' : 'e')]),
    ...(opens === undefined ? [] : [`if (args->ret >= 0) { ${walk('F', fileOf('args->ret'))} }`]),
    'printf("E|%d", tid);',
    ...['p', 'd', 'f'].map((map) => `delete(@${map}[tid]);`),
    ...(second === undefined ? [] : ['delete(@q[tid]);']),
    ...(secondDir === undefined ? [] : ['delete(@e[tid]);']),
  ];
  return probes(name, 'p', filter, enter, exit);
}

function numberOf(name: string): string {
  return name === 'creat' ? O_CREAT_WRONLY_TRUNC : '0';
}

/** A filter of seccomp turns a call away behind its entry: there is an exit alone. */
function probes(name: string, key: string, filter: string, ...[enter, exit]: string[][]): string {
  const turnedAway = `if (args->ret == -1 || args->ret == -38 || args->ret == -13) {
    printf("Z|${name}|%llu|%d|%d|%d", nsecs, pid, tid, args->ret); }`;
  return `tracepoint:syscalls:sys_enter_${name} ${filter} { ${enter!.join('\n  ')} }
tracepoint:syscalls:sys_exit_${name} ${filter} {
  if ((uint64)@${key}[tid] != 0) { ${exit!.join('\n  ')}
  } else { ${turnedAway} }
}`;
}

function fileProbes({ name, number }: (typeof ON_FILE)[number], filter: string): string {
  const fd = '(int64)(int32)args->fd';
  const enter = [`@o[tid] = 1; @d[tid] = ${fd}; @f[tid] = (int64)${number};`];
  const exit = [
    `printf("C|${name}|%llu|%d|%d|%d|%d|", nsecs, pid, tid, args->ret, @f[tid]);`,
    `if (@d[tid] >= 0) { ${walk('F', fileOf('@d[tid]'))} }`,
    'printf("E|%d", tid);',
    'delete(@o[tid]); delete(@d[tid]); delete(@f[tid]);',
  ];
  return probes(name, 'o', filter, enter, exit);
}

function socketProbes(name: string, filter: string): string {
  const address = name === 'connect' ? 'uservaddr' : 'umyaddr';
  return probes(
    name,
    's',
    filter,
    [
      `@s[tid] = (uint64)args->${address}; @f[tid] = (int64)args->fd;`,
      '@l[tid] = (int64)args->addrlen;',
    ],
    [
      `$s = @s[tid]; $family = *(uint16 *)$s;`,
      `printf("K|${name}|%llu|%d|%d|%d|%d|%d|%llx|%llx|%llx|%llx", nsecs, pid, tid, args->ret,
        @f[tid], @l[tid], ${[0, 8, 16, 24].map((at) => `*(uint64 *)($s + ${at})`).join(', ')});`,
      // A name in the file system, or one in the abstract space behind its NUL.
      `if ($family == 1) { printf("U|%d|%s", tid, str($s + 2)); ${walk('B', PWD)}
        if (*(uint8 *)($s + 2) == 0) { printf("V|%d|%s", tid, str($s + 3)); } }`,
      'printf("E|%d", tid);',
      'delete(@s[tid]); delete(@f[tid]); delete(@l[tid]);',
    ],
  );
}

function listenProbes(filter: string): string {
  return `tracepoint:syscalls:sys_enter_listen ${filter} {
  printf("L|%llu|%d|%d|%d", nsecs, pid, tid, args->fd);
}`;
}

function escapeProbes(name: string, filter: string): string {
  return `tracepoint:syscalls:sys_exit_${name} ${filter} {
  printf("S|${name}|%llu|%d|%d|%d", nsecs, pid, tid, args->ret);
}`;
}

const PWD = `$de = (struct dentry *)curtask->fs->pwd.dentry;
    $m = (struct mount *)((uint64)curtask->fs->pwd.mnt - ${MOUNT_OFFSET});`;

function fileOf(descriptor: string): string {
  return `$file = (struct file *)*(curtask->files->fdt->fd + ${descriptor});
    $de = (struct dentry *)$file->f_path.dentry;
    $m = (struct mount *)((uint64)$file->f_path.mnt - ${MOUNT_OFFSET});`;
}

/** Where a name that does not begin with a slash is relative to. */
function baseWalk(letter: string, name: string, directory: string): string {
  const base =
    directory === ''
      ? PWD
      : `${PWD} if (@${directory}[tid] >= 0) { ${fileOf(`@${directory}[tid]`)} }`;
  return `if (*(uint8 *)@${name}[tid] != 47) { ${walk(letter, base)} }`;
}

/** From a directory entry up to the root that the sandbox sees, one record for each name. */
function walk(letter: string, from: string): string {
  return `${from}
    printf("${letter}|%d", tid); $done = 0;
    unroll(${WALK_STEPS}) { if ($done == 0) {
      if ($de == (struct dentry *)$m->mnt.mnt_root) {
        if ($m == (struct mount *)$m->mnt_parent) { $done = 1; }
        $de = (struct dentry *)$m->mnt_mountpoint; $m = (struct mount *)$m->mnt_parent;
      } else {
        printf("D|%d|%s", tid, str($de->d_name.name)); $de = (struct dentry *)$de->d_parent;
      }
    } }
    if ($done) { printf("R|%d", tid); }`;
}
