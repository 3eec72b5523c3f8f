/**
 * Streams that show a rule at work, beside the rule: `streams/<ID>/fires-<name>` and
 * `streams/<ID>/silent-<name>`. A `.txt` is raw output of emitters, a `.jsonl` is records.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { Engine, parseStream, type Rule } from '@vitrine/detect';
import { CodedError } from '@vitrine/schema';
import { rawStream } from '@vitrine/shim/raw';
import { STREAMS } from '../system/rule-files.ts';

export interface StreamRun {
  rule: string;
  /** Path of the stream. */
  stream: string;
  expected: 'fires' | 'silent';
  alerts: string[];
  ok: boolean;
  /** Why it could not be run. */
  error: string | null;
}

const FORM = /^(fires|silent)-.+\.(txt|jsonl)$/;

/** Where the streams of a rule are, without the rule's own folder. */
export function streamsBeside(rulePath: string): string {
  return join(dirname(rulePath), STREAMS);
}

/** Every stream of a rule in `dir`, through all of `rules`; empty where there is none. */
export function runStreams(rules: Rule[], id: string, dir: string): StreamRun[] {
  const folder = join(dir, id);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => FORM.test(name));
  return names.toSorted().map((name) => {
    const stream = join(folder, name);
    const expected = name.startsWith('fires') ? 'fires' : 'silent';
    const said = { rule: id, stream, expected } as const;
    try {
      const engine = new Engine(rules);
      const found = rowsOf(stream).flatMap((row) => engine.observe(row));
      const alerts = found.filter((alert) => alert.rule === id).map(({ what }) => what);
      const ok = alerts.length > 0 === (expected === 'fires');
      return { ...said, alerts, ok, error: null };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return { ...said, alerts: [], ok: false, error: `${error.code}: ${error.message}` };
    }
  });
}

function rowsOf(path: string) {
  if (extname(path) === '.jsonl') return parseStream(readFileSync(path, 'utf8'));
  // Frames are bytes that need not be text.
  return rawStream(readFileSync(path, 'latin1'));
}
