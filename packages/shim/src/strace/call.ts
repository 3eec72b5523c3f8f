/**
 * One call with its arguments read, and what became of it: what every kind of event starts from.
 */
import { posix } from 'node:path';
import type { AttributeValue } from '@vitrine/schema';
import { DENIED } from '../file/call.ts';
import {
  type Decoded,
  type Descriptor,
  descriptorPath,
  readDescriptor,
  readString,
  splitArguments,
} from './argument.ts';
import type { StraceCall } from './line.ts';
import type { Process } from './process.ts';

export type Outcome = 'done' | 'denied' | 'failed' | 'unknown';

export type Attributes = Record<string, AttributeValue>;

/** What a call becomes; `undefined` where it is no event. */
export interface Meaning {
  kind: string;
  attributes: Attributes;
}

export class Call {
  readonly name: string;
  readonly line: StraceCall;
  readonly process: Process;
  readonly args: string[];
  readonly outcome: Outcome;

  constructor(line: StraceCall, process: Process) {
    this.name = line.name;
    this.line = line;
    this.process = process;
    this.args = splitArguments(line.args);
    this.outcome = outcomeOf(line);
    for (const argument of this.args) {
      if (!argument.startsWith('AT_FDCWD<')) continue;
      const cwd = descriptorPath(readDescriptor(argument));
      if (cwd !== undefined) process.cwd = cwd.text;
    }
  }

  get errno(): string | undefined {
    return this.line.errno;
  }

  argument(at: number): string {
    return this.args[at] ?? '';
  }

  descriptor(at: number): Descriptor | undefined {
    return readDescriptor(this.argument(at));
  }

  /** The file a returned descriptor leads to, links followed. */
  returned(): Decoded | undefined {
    return this.outcome === 'done' ? descriptorPath(readDescriptor(this.line.result)) : undefined;
  }

  /** A path argument made absolute: below the descriptor at `dirAt`, or the working directory. */
  path(at: number, dirAt?: number): Decoded | undefined {
    const path = readString(this.argument(at));
    if (path === undefined) return undefined;
    return resolvePath(this.#base(dirAt), path);
  }

  /** The path behind a descriptor argument. */
  descriptorPath(at: number): Decoded | undefined {
    return descriptorPath(this.descriptor(at));
  }

  #base(dirAt: number | undefined): string | undefined {
    if (dirAt === undefined) return this.process.cwd;
    const descriptor = this.descriptor(dirAt);
    const path = descriptorPath(descriptor)?.text;
    return path ?? (descriptor?.number === 'AT_FDCWD' ? this.process.cwd : undefined);
  }
}

/** Without a known base a relative path stays relative: better than a guess. */
export function resolvePath(base: string | undefined, path: Decoded): Decoded {
  const { text, lossy } = path;
  if (text.startsWith('/')) return { text: posix.normalize(text), lossy };
  if (base === undefined) return { text, lossy };
  return { text: posix.join(base, text), lossy };
}

/** Members for a decoded path under a dotted name. */
export function pathAttributes(name: string, path: Decoded | undefined): Attributes {
  if (path === undefined) return {};
  return path.lossy ? { [name]: path.text, [`${name}_lossy`]: true } : { [name]: path.text };
}

function outcomeOf({ result, errno }: StraceCall): Outcome {
  if (result.startsWith('?')) return 'unknown';
  if (!result.startsWith('-1')) return 'done';
  return errno !== undefined && DENIED.has(errno) ? 'denied' : 'failed';
}
