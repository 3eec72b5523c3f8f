/** What `doctor` says of the sources of a running system, and of what they let one see. */
import type { CoverageCell, SourceItem } from '@vitrine/schema/api';
import type { Client } from '../client/client.ts';
import { sentenceOf } from '../error.ts';
import type { Finding } from './doctor.ts';

const GUIDE = 'docs/guides/source-health.md says what each state means';
const SHOWN_MAX = 20;

/** A line for each source that is not well, and one for each risk. */
export async function sightFindings(
  client: Pick<Client, 'sources' | 'coverage'>,
): Promise<Finding[]> {
  try {
    const [{ items, cursor }, { cells, sessions }] = await Promise.all([
      client.sources(),
      client.coverage(),
    ]);
    if (sessions === 0) return [{ check: 'sources', state: 'ok', found: 'no session is open' }];
    const all = items.flatMap((item) => item.sources.map((source) => ({ ...item, source })));
    const ill = all.filter(({ source }) => !WELL.has(source.state));
    const many = `${all.length - ill.length} of ${all.length} sources are well`;
    const found = `${many}, of ${items.length}${cursor === null ? '' : ' or more'} open sessions`;
    const summary: Finding =
      ill.length === 0
        ? { check: 'sources', state: 'ok', found }
        : { check: 'sources', state: 'warn', found, fix: GUIDE };
    const each = ill.slice(0, SHOWN_MAX).map(({ session, source }): Finding => {
      const check = `source ${source.name}`;
      return { check, state: 'warn', found: `${session}: ${stateWords(source)}`, fix: GUIDE };
    });
    return [summary, ...each, ...riskFindings(cells)];
  } catch (error) {
    const found = `they cannot be asked for: ${sentenceOf(error)}`;
    return [
      { check: 'sources', state: 'warn', found, fix: 'look at the finding about the system' },
    ];
  }
}

const WELL: ReadonlySet<SourceItem['state']> = new Set(['healthy', 'ended', 'absent']);

export function stateWords({ state, since, vantage, losses }: SourceItem): string {
  const at = since === null ? '' : ` since ${isoOf(since)}`;
  if (state === 'never') return 'expected, and never heard';
  if (state === 'silent') return `silent${at}`;
  if (state === 'dropping') return `dropping: ${losses} losses told, the last at ${isoOf(since)}`;
  if (state === 'unexpected') return `heard at ${vantage}, and nobody announced it`;
  return state;
}

function riskFindings(cells: CoverageCell[]): Finding[] {
  const risks = [...new Set(cells.map(({ risk }) => risk))];
  return risks.map((risk) => {
    const own = cells.filter((cell) => cell.risk === risk);
    const found = own.map(cellWords).join('; ');
    const check = `sight of ${risk.replaceAll('_', ' ')}`;
    const whole = own.every(({ state }) => state === 'covered');
    return whole
      ? { check, state: 'ok', found }
      : { check, state: 'warn', found, fix: 'docs/reference/sources.md lists what sees what' };
  });
}

function cellWords({ component, state, sessions: counts, needs }: CoverageCell): string {
  const total = counts.covered + counts.partly + counts.blind;
  const extent = counts[state] === total ? '' : ` in ${counts[state]} of ${total} sessions`;
  const lacking = needs.filter(({ sessions }) => sessions.missing + sessions.impaired > 0);
  const claimed = needs.filter(({ sessions }) => sessions.claimed > 0);
  const words = [
    ...(lacking.length > 0 ? [`no ${lacking.map(({ what }) => what).join(', ')}`] : []),
    ...(claimed.length > 0 ? [`by the agent's word alone: ${claimed.map(whatOf).join(', ')}`] : []),
  ];
  return `${component} ${state}${extent}${words.length === 0 ? '' : ` (${words.join('; ')})`}`;
}

function whatOf({ what }: CoverageCell['needs'][number]): string {
  return what;
}

function isoOf(ns: string | null): string {
  return ns === null ? 'an unknown time' : new Date(Number(BigInt(ns) / 1_000_000n)).toISOString();
}
