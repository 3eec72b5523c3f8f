/**
 * A destination for webhooks with bad days: what it answers is drawn from what receivers do, and
 * what it took and what it refused stands in its ledger.
 */
import { type Answer, type Posted, PostServer } from '../path/receiver.ts';

export interface Entry {
  id: string;
  subject: string;
  index: number;
  body: string;
  /** Kept, whatever the sender hears. */
  taken: boolean;
}

export type Mood = (id: string) => Treatment;

/** `reset-kept`: taken, and the answer is lost. `slow`: answered well after two seconds. */
export type Treatment = number | 'reset' | 'reset-kept' | 'slow';

const SLOW_MS = 2_000;

export class Destination extends PostServer {
  readonly ledger: Entry[] = [];
  mood: Mood = () => 200;

  /** Ids that it has, each once, in the order in which it first had them. */
  get had(): Entry[] {
    const seen = new Set<string>();
    return this.ledger.filter(({ id, taken }) => taken && !seen.has(id) && seen.add(id));
  }

  protected answerTo(posted: Posted): Answer | 'reset' {
    const body = posted.body.toString('utf8');
    const { data } = JSON.parse(body) as { data: { id: string; subject: string; index: number } };
    const { id, subject, index } = data;
    const treatment = this.mood(id);
    const status = typeof treatment === 'number' ? treatment : treatment === 'slow' ? 200 : 0;
    const taken = treatment === 'reset-kept' || (status >= 200 && status < 300);
    this.ledger.push({ id, subject, index, body, taken });
    if (status === 0) return 'reset';
    const afterMs = treatment === 'slow' ? SLOW_MS : 0;
    return { status, headers: { 'retry-after': '1' }, afterMs };
  }
}
