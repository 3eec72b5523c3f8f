/** States of sources and of the coverage, in words a reader knows. */
import type {
  Component,
  CoverageCell,
  CoverageNeed,
  Risk,
  SightState,
  SourceItem,
  SourceState,
} from '@vitrine/schema/api';

export const STATE_WORDS: Record<SourceState, string> = {
  never: 'never heard',
  silent: 'silent',
  dropping: 'dropping',
  unexpected: 'unexpected',
  absent: 'not available',
  ended: 'ended',
  healthy: 'healthy',
};

export const RISK_WORDS: Record<Risk, string> = {
  user_misuse: 'User misuse',
  model_misbehaviour: 'Model misbehaviour',
  external_attacker: 'External attacker',
};

export const COMPONENT_WORDS: Record<Component, string> = {
  environment: 'Environment',
  model: 'Model',
  content: 'External content',
};

const SIGHT_WORDS: Record<SightState, string> = {
  seen: 'seen',
  claimed: 'told only from nearer to the agent',
  impaired: 'only by a source that is not well',
  missing: 'seen by nobody',
};

/** A name of the API's own lists, or the API's word where this page does not know it. */
export function wordOf(words: Record<string, string>, name: string): string {
  return Object.hasOwn(words, name) ? words[name]! : name.replaceAll('_', ' ');
}

/** What is so about a source beside its state; empty where the state says it all. */
export function stateDetail(source: SourceItem): string {
  const { state, reason, signals, losses, expected, sees } = source;
  if (state === 'never') return 'It is expected, and nothing came.';
  if (state === 'absent') return reason ?? 'It cannot be had there.';
  if (state === 'unexpected') return 'It is heard, and nobody announced it.';
  const parts = [
    signals.length > 0 ? `by ${signals.join(', ')}` : '',
    losses > 0 ? `${losses} ${losses === 1 ? 'loss' : 'losses'} told` : '',
    expected || state === 'ended' ? '' : 'not announced',
    sees ?? '',
  ];
  return parts.filter(Boolean).join(' · ');
}

/** How a need is met in the sessions looked at; of one session, without a number. */
export function needWords({ sessions }: CoverageNeed): string {
  const found = (Object.keys(SIGHT_WORDS) as SightState[]).filter((state) => sessions[state] > 0);
  const total = found.reduce((sum, state) => sum + sessions[state], 0);
  if (total === 0) return 'no session to look at';
  return found
    .map((state) => (total === 1 ? '' : `${sessions[state]} × `) + SIGHT_WORDS[state])
    .join(', ');
}

export function recordsText({ records, more }: SourceItem): string {
  return `${records.toLocaleString('en-US')}${more ? '+' : ''}`;
}

/** In how many of the sessions a cell is as it is at worst; empty where that says nothing. */
export function cellExtent({ state, sessions }: CoverageCell): string {
  const total = sessions.covered + sessions.partly + sessions.blind;
  return total < 2 || sessions[state] === total ? '' : `in ${sessions[state]} of ${total}`;
}
