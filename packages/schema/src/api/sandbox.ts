/** Sandboxes whose relay is pulled, from their registration to their end. */
import type { SandboxDescription } from '../event.ts';

export interface SandboxItem {
  session: string;
  runtime: SandboxDescription['runtime'];
  /** Empty where nobody told it. */
  user: string;
  /** What it was found by: `api`, `directory:NAME`, `settings:NAME`. */
  origin: string;
  /** How its relay is pulled. */
  state: 'connecting' | 'pulling' | 'away' | 'draining' | 'ended';
  /** `seq`: of the last record that was taken; -1 before the first. */
  chains: { chain: string; seq: number; state: 'open' | 'ended' | 'broken' }[];
  /** Records, since the collector's start. */
  pulled: number;
  last_error: string | null;
}

/** `/v1/sandboxes`. */
export interface SandboxesAnswer {
  items: SandboxItem[];
}

/** `POST /v1/sandboxes`: the name its session got, durable. */
export interface SandboxBegun {
  session: string;
}

/** `POST /v1/sandboxes/:session/end`. */
export interface SandboxEnded {
  session: string;
  state: 'closed';
  /** Nothing of it was lost. */
  whole: boolean;
}
