/**
 * Reads one event's record into the few facts that the tree joins on. Records hold what a source
 * said: whatever has the wrong type counts as not said.
 */
import type { Source, TreeEvent } from './node.ts';

/** All but `event`, `source` and `t` only where the source said it. */
export interface Facts {
  event: TreeEvent;
  source: Source;
  t: bigint;
  run?: string | undefined;
  agent?: string | undefined;
  parent?: string | undefined;
  agentType?: string | undefined;
  model?: string | undefined;
  prompt?: string | undefined;
  promptLength?: number | undefined;
  request?: string | undefined;
  /** Why the model was asked: by the person, by a subagent, for a title. */
  purpose?: string | undefined;
  tool?: string | undefined;
  /** What the tool was used on: a path, a program, a host, an agent type. */
  subject?: string | undefined;
  use?: string | undefined;
  success?: boolean | undefined;
  error?: string | undefined;
  durationMs?: number | undefined;
  /** It was a span: `t` is its start, and this its length. */
  lengthNs?: bigint | undefined;
  inputBytes?: number | undefined;
  outputBytes?: number | undefined;
  tokensIn?: number | undefined;
  tokensOut?: number | undefined;
  decision?: string | undefined;
  decider?: string | undefined;
  /** The subagent that an `Agent` tool call says it started. */
  started?: string | undefined;
}

/** What sources call the agent that a person talks to. */
export const MAIN_AGENT = 'main';
const SUBJECTS = ['path', 'program', 'host', 'subagent_type'];
const DURATIONS = ['tool.duration_ms', 'request.duration_ms', 'agent.duration_ms'];
const SIGNALS: Record<string, Source> = {
  hook: 'hook',
  log: 'telemetry',
  span: 'telemetry',
  metric: 'telemetry',
};

export function factsOf(event: TreeEvent): Facts {
  const at = new Reader(event.record);
  const agent = at.text('agent.id');
  const isVerdict = event.kind === 'classifier.verdict';
  return {
    event,
    source: sourceOf(at),
    t: nanos(event.t),
    run: at.text('agent.session'),
    agent: agent === MAIN_AGENT ? undefined : agent,
    parent: at.text('agent.parent_id'),
    agentType: at.text('agent.type'),
    model: at.text('agent.model'),
    prompt: at.text('prompt.id'),
    promptLength: at.count('prompt.length'),
    request: at.text('request.id'),
    purpose: at.text('request.purpose'),
    tool: at.text('tool.name'),
    subject: SUBJECTS.map((name) => at.text(`tool.${name}`)).find((text) => text !== undefined),
    use: at.text('tool.use_id'),
    success: at.flag('tool.success'),
    error: at.text('tool.error_type'),
    durationMs: DURATIONS.map((name) => at.count(name)).find((ms) => ms !== undefined),
    lengthNs: lengthOf(at),
    inputBytes: at.count('tool.input_bytes'),
    outputBytes: at.count('tool.output_bytes'),
    tokensIn: at.count('usage.input_tokens'),
    tokensOut: at.count('usage.output_tokens'),
    decision: at.text('decision.value') ?? at.text('classifier.verdict'),
    decider: at.text('decision.source') ?? (isVerdict ? 'classifier' : undefined),
    started: at.text('tool.agent_id'),
  };
}

function lengthOf(at: Reader): bigint | undefined {
  const ns = at.count('span.duration_ns');
  return ns === undefined ? undefined : BigInt(Math.round(ns));
}

/** Decimal text of unix nanoseconds; 0 for what is none. */
export function nanos(text: string): bigint {
  return /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}

/** The adapters name the signal they were given; an agent of one's own may name none. */
function sourceOf(at: Reader): Source {
  const signal = at.text('source.signal') ?? '';
  return Object.hasOwn(SIGNALS, signal) ? SIGNALS[signal]! : 'other';
}

/** A member by its dotted name, where it is a text. */
export function textAt(record: Record<string, unknown>, path: string): string | undefined {
  return new Reader(record).text(path);
}

/** Members by their dotted name, each with one type. */
class Reader {
  readonly #record: Record<string, unknown>;

  constructor(record: Record<string, unknown>) {
    this.#record = record;
  }

  text(path: string): string | undefined {
    const value = this.#at(path);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  flag(path: string): boolean | undefined {
    const value = this.#at(path);
    return typeof value === 'boolean' ? value : undefined;
  }

  count(path: string): number | undefined {
    const value = this.#at(path);
    return typeof value === 'number' && value >= 0 ? value : undefined;
  }

  #at(path: string): unknown {
    let at: unknown = this.#record;
    for (const step of path.split('.')) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
      at = (at as Record<string, unknown>)[step];
    }
    return at;
  }
}
