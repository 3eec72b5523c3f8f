/** What starts a process, and the calls that are the steps of an escape, as events. */
import type { Scrubber } from '@vitrine/schema';
import { argvAttributes } from '../adapter/argv.ts';
import { readString, splitArguments } from './argument.ts';
import { type Attributes, type Call, type Meaning, pathAttributes } from './call.ts';

/** Told of whatever became of them: an attempt is what counts. */
const ESCAPES = [
  'unshare',
  'setns',
  'pivot_root',
  'chroot',
  'ptrace',
  'bpf',
  'init_module',
  'finit_module',
  'delete_module',
  'kexec_load',
  'kexec_file_load',
  'keyctl',
  'add_key',
  'request_key',
  'userfaultfd',
  'perf_event_open',
  'io_uring_setup',
  'open_by_handle_at',
  'name_to_handle_at',
  'process_vm_readv',
  'process_vm_writev',
  'pidfd_getfd',
  'seccomp',
  'fsopen',
  'fsmount',
  'fspick',
];
const ESCAPE_NAMES = new Set(ESCAPES);
const FORKS = ['clone', 'clone3', 'fork', 'vfork'];
const NEW_NAMESPACE = /\bCLONE_NEW\w+/;
/** What is shown of the arguments; the whole line is in part `raw`. */
const ARGUMENT_CHARS_MAX = 200;

export const PROCESS_CALLS = ['execve', 'execveat', 'chdir', 'fchdir', ...FORKS, ...ESCAPES];

export function isExec(call: Call): boolean {
  return call.name === 'execve' || call.name === 'execveat';
}

/** The path a call executes, absolute. */
export function execPath(call: Call): string | undefined {
  return (call.name === 'execve' ? call.path(0) : call.path(1, 0))?.text;
}

export function processEvent(call: Call, scrubber: Scrubber): Meaning | undefined {
  if (isExec(call)) return executed(call, scrubber);
  const isEscape = ESCAPE_NAMES.has(call.name);
  const isNamespace = FORKS.includes(call.name) && NEW_NAMESPACE.test(call.line.args);
  return isEscape || isNamespace ? escaped(call, scrubber) : undefined;
}

function executed(call: Call, scrubber: Scrubber): Meaning | undefined {
  if (call.outcome === 'denied') return deniedExec(call, scrubber);
  if (call.outcome !== 'done') return undefined;
  const list = call.argument(call.name === 'execve' ? 1 : 2);
  const items = list.startsWith('[') ? splitArguments(list.slice(1, -1)) : [];
  const isCut = items.at(-1) === '...';
  const argv = (isCut ? items.slice(0, -1) : items).map((item) => {
    const text = readString(item);
    return text === undefined ? item : text.cut ? `${text.text}…` : text.text;
  });
  const attributes: Attributes = argvAttributes(execPath(call), argv, scrubber);
  if (isCut) attributes['process.argv_cut'] = true;
  if (call.process.cwd !== undefined) attributes['process.cwd'] = call.process.cwd;
  return { kind: 'process.exec', attributes };
}

/** Nothing ran, so it is no `process.exec`. */
function deniedExec(call: Call, scrubber: Scrubber): Meaning {
  const path = call.name === 'execve' ? call.path(0) : call.path(1, 0);
  const { kind, attributes } = escaped(call, scrubber);
  return { kind, attributes: { ...attributes, ...pathAttributes('file.path', path) } };
}

function escaped(call: Call, scrubber: Scrubber): Meaning {
  const attributes: Attributes = {
    'syscall.name': call.name,
    'syscall.result': call.outcome === 'done' ? 'ok' : (call.errno ?? 'unknown'),
  };
  if (!isExec(call)) {
    attributes['syscall.args'] = scrubber.text(call.line.args).slice(0, ARGUMENT_CHARS_MAX);
  }
  if (call.errno !== undefined) attributes['syscall.errno'] = call.errno;
  return { kind: 'syscall', attributes };
}
