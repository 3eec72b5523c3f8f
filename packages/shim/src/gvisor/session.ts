/**
 * The monitoring session that a `runsc` is told to begin with: the points we know how to read, as
 * far as this build has them. One name that it does not have, and it starts the sandbox without
 * any monitoring, with no more than a warning in its log; so nothing is asked for on trust.
 */
import { RAW_CALLS } from './call-number.ts';

interface Point {
  name: string;
  optional: string[];
  context: string[];
}

/** Exit points have the result; where the same is told twice, the one with more in it is asked. */
const WANTED = [
  'container/start',
  'sentry/clone',
  'sentry/exit_notify_parent',
  'sentry/task_exit',
  'syscall/close/enter',
  ...['open', 'openat', 'creat', 'connect', 'bind', 'chdir', 'fchdir', 'chroot', 'execve'].map(
    (name) => `syscall/${name}/exit`,
  ),
];
/**
 * Not `process_name`: a program may give itself a name that is no UTF-8, and the sentry then says
 * nothing of it at all, for its messages cannot hold one.
 */
const CONTEXT = ['time', 'thread_id', 'group_id', 'thread_group_id', 'container_id', 'cwd'];
/** Never the environment: it holds the session's credentials. `sentry/execve` always has it. */
const OPTIONAL = ['fd_path'];

const POINT = /^Name: (\S+), optional fields: \[([^\]]*)\], context fields: \[([^\]]*)\]/;

/** `metadata`: what `runsc trace metadata` prints. `undefined` when it names no point of ours. */
export function sessionOf(metadata: string, endpoint: string): unknown {
  const known = new Map(pointsOf(metadata).map((point) => [point.name, point]));
  const raw = [...RAW_CALLS.keys()].map((number) => `syscall/sysno/${number}/exit`);
  const points = [...WANTED, ...raw].flatMap((name) => {
    const point = known.get(name);
    if (point === undefined) return [];
    return {
      name,
      optional_fields: OPTIONAL.filter((field) => point.optional.includes(field)),
      context_fields: CONTEXT.filter((field) => point.context.includes(field)),
    };
  });
  if (points.length === 0) return undefined;
  const sinks = [{ name: 'remote', config: { endpoint, retries: RETRIES } }];
  return { trace_session: { name: 'Default', points, sinks } };
}

/** How often the sentry tries again before it drops a message and counts it. */
const RETRIES = 10;

function pointsOf(metadata: string): Point[] {
  return metadata.split('\n').flatMap((line) => {
    const [, name, optional, context] = POINT.exec(line) ?? [];
    if (name === undefined) return [];
    return { name, optional: optional!.split('|'), context: context!.split('|') };
  });
}
