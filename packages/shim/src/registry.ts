/**
 * Every source we have a shim for, one entry each: `vitrine shim NAME`, the table in the reference
 * and the tests over all adapters are made of it. Loads nothing until a source is started.
 */
import type { Vantage } from '@vitrine/schema';
import type { StreamShim } from './adapter/main.ts';
import { ShimError } from './error.ts';

/** What a shim was told on its command line: option names in camel case. */
export type GivenOptions = Record<string, unknown>;

export interface SourceRun {
  /** Resolves with the exit code. `print`: where a result goes that is no event. */
  run: (given: GivenOptions, print: (value: unknown) => void) => Promise<number>;
  /** Absent where the source is no stream of bytes through an adapter. */
  stream?: StreamShim;
}

export interface SourceOption {
  flags: string;
  description: string;
  required?: true;
  /** What the value must be; free text when it is left out. */
  form?: 'url';
}

export interface Source {
  /** `vitrine shim NAME`, and `vitrine.shim.name` of what it sends. */
  name: string;
  /** The highest it may claim when it is set up as its guide says; the collector decides. */
  vantage: Vantage;
  /** What it sees, in a line. */
  sees: string;
  /** What it reads, and what it is told. */
  reads: string;
  /** Kinds of its own, beside `telemetry.*` and `other`. */
  kinds: readonly string[];
  /** Its page in `docs/guides`, without the ending: set-up, cost, blind spots. */
  guide: string;
  /** Programs without which there is nothing to read. */
  needs: readonly string[];
  /** Recordings of the emitter below `packages/shim/fixtures`, or none. */
  fixtures: readonly string[];
  options?: readonly SourceOption[];
  /** Arguments of the command in its help. */
  examples: readonly string[];
  start: () => Promise<SourceRun>;
}

const PROCESS = ['process.exec', 'process.exit', 'syscall'];
const FILE = [
  'file.open',
  'file.read',
  'file.create',
  'file.write',
  'file.delete',
  'file.rename',
  'file.link',
  'file.symlink',
  'file.truncate',
  'file.chmod',
  'file.mkdir',
  'file.mount',
];
const NET = ['net.connect', 'net.listen'];
const EGRESS = ['egress.request', 'egress.response', 'egress.tunnel', 'egress.error'];

/** Of every source that is a stream; `vitrine run` says the same in VITRINE_SETTINGS. */
const STREAM_OPTIONS: readonly SourceOption[] = [
  { flags: '--intake <socket>', description: "socket of the relay's intake" },
  {
    flags: '--grant <mode:path...>',
    description: 'directories of the session, as in its description: ro, rw or rw_no_delete',
  },
];

export const SOURCES: readonly Source[] = [
  {
    name: 'strace',
    vantage: 'boundary',
    sees: 'programs, files and sockets of every process in the sandbox, from outside it',
    reads: 'strace lines on standard input; settings in VITRINE_SETTINGS',
    kinds: [...PROCESS, ...FILE, ...NET],
    guide: 'strace',
    needs: ['strace'],
    fixtures: ['strace.txt'],
    examples: ['shim strace < trace.txt'],
    start: async () => streamOf((await import('./strace/adapter.ts')).straceShim),
  },
  {
    name: 'gvisor',
    vantage: 'boundary',
    sees: 'programs, files and sockets of a gVisor sandbox, as its own kernel tells them',
    reads: "the sentry's remote sink on a socket, and its strace log from a pipe with a name",
    kinds: [...PROCESS, ...FILE, ...NET],
    guide: 'gvisor',
    needs: ['runsc', 'perl'],
    fixtures: ['gvisor.txt'],
    options: [
      ...STREAM_OPTIONS,
      { flags: '--endpoint <socket>', description: 'socket to listen on for the remote sink' },
      { flags: '--log <pipe>', description: 'where runsc writes its log; must end in boot.log' },
      {
        flags: '--attach <name>',
        description: 'a sandbox that runs already, whose shim was away: its session is made anew',
      },
      { flags: '--runsc-root <dir>', description: 'the --root of its runsc' },
      {
        flags: '--print-session',
        description: 'print what --pod-init-config of runsc names, and end',
      },
      { flags: '--print-flags', description: 'print the flags runsc writes the log by, and end' },
    ],
    examples: [
      'shim gvisor --endpoint /run/sink.sock --print-session > pod.json',
      'shim gvisor --endpoint /run/sink.sock --log /run/boot.log --intake /run/relay/boundary.sock',
    ],
    start: async () => {
      const { gvisorShim, runGvisorShim } = await import('./gvisor/main.ts');
      return { run: runGvisorShim, stream: gvisorShim };
    },
  },
  {
    name: 'bpftrace',
    vantage: 'host',
    sees: "programs, files and sockets of a sandbox, as the host's kernel carries them out",
    reads: 'what bpftrace writes, which it starts; needs root',
    kinds: [...PROCESS, ...FILE, ...NET],
    guide: 'bpftrace',
    needs: ['bpftrace'],
    fixtures: ['bpftrace.txt'],
    options: [
      ...STREAM_OPTIONS,
      { flags: '--cgroup <dir>', description: "the sandbox's cgroup (v2)" },
      { flags: '--print-program', description: 'print the program for bpftrace, and end' },
    ],
    examples: ['shim bpftrace --cgroup /sys/fs/cgroup/sandbox --intake /run/relay/host.sock'],
    start: async () => {
      const { bpftraceShim, runBpftraceShim } = await import('./bpftrace/main.ts');
      return { run: runBpftraceShim, stream: bpftraceShim };
    },
  },
  {
    name: 'egress',
    vantage: 'boundary',
    sees: 'what leaves the sandbox: hosts, requests, fingerprints of credentials, sizes',
    reads: 'the traffic itself, as a proxy; settings are the first line on standard input, as JSON',
    kinds: EGRESS,
    guide: 'egress',
    needs: [],
    fixtures: [],
    examples: ['shim egress < /dev/stdin'],
    start: async () => ({ run: (await import('./egress/main.ts')).runEgressProxy }),
  },
  {
    name: 'mitmproxy',
    vantage: 'boundary',
    sees: 'what leaves through mitmproxy: requests, fingerprints of credentials, what was not read',
    reads: 'what our addon in mitmproxy tells; starts mitmdump unless --socket is given',
    kinds: EGRESS,
    guide: 'mitmproxy',
    needs: ['mitmdump'],
    fixtures: ['mitmproxy.txt'],
    options: [
      { flags: '--intake <socket>', description: 'intake of the relay', required: true },
      { flags: '--key-file <file>', description: 'fingerprint key: vitrine keys says where it is' },
      {
        flags: '--credentials <names>',
        description: "variables with the session's own credentials, comma between",
      },
      { flags: '--listen <address:port>', description: 'of the proxy (default: 127.0.0.1:8080)' },
      { flags: '--passthrough <regex>', description: 'hosts whose TLS is not opened' },
      { flags: '--upstream-ca <file>', description: 'PEM of the authorities of upstream servers' },
      { flags: '--confdir <dir>', description: "mitmproxy's own directory, with its authority" },
      { flags: '--mitmdump <program>', description: 'where it is, if not in PATH' },
      {
        flags: '--socket <path>',
        description: 'start nothing: serve an addon there, and print how mitmproxy is started',
      },
    ],
    examples: ['shim mitmproxy --intake /run/vitrine/boundary.sock --key-file fingerprint.key'],
    start: async () => {
      const [{ runMitmproxyShim }, { mitmproxyShim }] = await Promise.all([
        import('./mitmproxy/main.ts'),
        import('./mitmproxy/adapter.ts'),
      ]);
      return { run: runMitmproxyShim, stream: mitmproxyShim };
    },
  },
  {
    name: 'claude-code',
    vantage: 'agent',
    sees: 'what Claude Code says of itself: prompts, tools, decisions, models',
    reads: 'nothing: it prints the settings with which Claude Code sends hooks and telemetry here',
    kinds: [
      'session.start',
      'session.end',
      'prompt.submit',
      'model.request',
      'model.response',
      'tool.call',
      'tool.result',
      'approval.request',
      'approval.decision',
      'approval.mode_change',
      'agent.spawn',
      'agent.stop',
      'context.compact',
      'config.change',
      'hook.run',
    ],
    guide: 'claude-code',
    needs: ['claude'],
    fixtures: [],
    options: [
      {
        flags: '--print-settings',
        description: 'print them as JSON: the one thing this shim does',
        required: true,
      },
      {
        flags: '--otlp <url>',
        description:
          'OTLP/HTTP port, for a Claude Code outside vitrine run; its token is in $VITRINE_TOKEN',
        form: 'url',
      },
    ],
    examples: [
      'run -- claude --settings "$(npx --no vitrine shim claude-code --print-settings)"',
      'shim claude-code --print-settings --otlp http://127.0.0.1:4318 > .claude/settings.json',
    ],
    start: async () => ({ run: (await import('./hook/print-settings.ts')).printSettings }),
  },
];

/** Throws CONFIG_INVALID. */
export function sourceNamed(name: string | undefined): Source {
  const found = SOURCES.find((source) => source.name === name);
  if (found !== undefined) return found;
  const hint = `one of ${SOURCES.map((source) => source.name).join(', ')}`;
  throw new ShimError('CONFIG_INVALID', `there is no source ${name ?? 'without a name'}`, hint);
}

async function streamOf(stream: StreamShim): Promise<SourceRun> {
  const { runStreamShim } = await import('./adapter/main.ts');
  return { run: (given) => runStreamShim(stream, given), stream };
}
