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
  /** `docs/guides/GUIDE.md`: set-up, cost, blind spots. */
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
    name: 'egress',
    vantage: 'boundary',
    sees: 'what leaves the sandbox: hosts, requests, fingerprints of credentials, sizes',
    reads: 'the traffic itself, as a proxy; settings are the first line on standard input, as JSON',
    kinds: ['egress.request', 'egress.tunnel', 'egress.error'],
    guide: 'egress',
    needs: [],
    fixtures: [],
    examples: ['shim egress < /dev/stdin'],
    start: async () => ({ run: (await import('./egress/main.ts')).runEgressProxy }),
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
  return { run: () => runStreamShim(stream), stream };
}
