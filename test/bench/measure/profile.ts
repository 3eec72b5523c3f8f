/** Reads the profiles that `--cpu-prof` leaves: what each function took, for each record. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

const ROWS = 25;
/** Shorter ones are of processes that only started another. */
const SHARE_MIN = 0.05;

/** Prints the functions of each thread, the dearest first; `records` were handled meanwhile. */
export function printProfiles(dir: string, records: number): void {
  const profiles = readdirSync(dir)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')) as Profile)
    .map(timesOf)
    .toSorted((a, b) => sumOf(b) - sumOf(a));
  for (const times of profiles) {
    const sum = sumOf(times);
    if (sum < SHARE_MIN * sumOf(profiles[0]!)) continue;
    console.log(`thread   ${(sum / records).toFixed(1)} µs a record, by function alone:`);
    const rows = [...times].toSorted(([, a], [, b]) => b - a).slice(0, ROWS);
    for (const [name, us] of rows) console.log(`${(us / records).toFixed(2).padStart(8)} ${name}`);
  }
}

/** Microseconds by function, but those in which the thread waited. */
function timesOf({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const file = url.replace(/^.*\/(?=(?:apps|packages|node_modules)\/)/, '');
      return [
        id,
        `${functionName || '(anonymous)'} ${file}${url === '' ? '' : `:${lineNumber + 1}`}`,
      ];
    }),
  );
  const times = new Map<string, number>();
  for (const [i, sample] of samples.entries()) {
    const name = names.get(sample) ?? '?';
    if (!name.startsWith('(idle)')) times.set(name, (times.get(name) ?? 0) + timeDeltas[i]!);
  }
  return times;
}

function sumOf(times: ReadonlyMap<string, number>): number {
  return [...times.values()].reduce((sum, us) => sum + us, 0);
}
