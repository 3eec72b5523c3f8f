/**
 * The story `<session>/sup` tells (LOG.md §2): which chains belong to the session, where each ends,
 * and whether the session does. Its own rules are checked here, in the order of its records.
 */
import { isChainName, isCount, isHash } from '../record/form.ts';
import type { CheckedChain, Told } from './case.ts';
import type { Failure } from './verdict.ts';

export interface Joined {
  /** Leaf hash of the chain's `seq` 0, base64. */
  first: string;
  at: string;
  end?: { seq: number; head: string; lost: boolean; at: string };
}

export interface SupervisorStory {
  joins: Map<string, Joined>;
  close?: { reason: string };
}

export function* readSupervisor(
  sup: CheckedChain,
  story: SupervisorStory,
): Generator<Failure, void, undefined> {
  let closed = false;
  for (const told of sup.told) {
    const { seq, kind } = told;
    const at = `chains/${sup.at}/records/${seq - sup.first}`;
    if (closed) {
      yield failure(at, 'nothing after close', `a record of kind ${kind}`);
      return;
    }
    switch (kind) {
      case 'open':
        if (seq > 0) yield failure(at, 'one open', 'a second');
        break;
      case 'join':
        yield* readJoin(sup, story, told, at);
        break;
      case 'end':
        yield* readEnd(story, told, at);
        break;
      case 'close':
        closed = true;
        story.close = { reason: typeof told.reason === 'string' ? told.reason : '' };
        for (const [chain, joined] of story.joins) {
          if (joined.end !== undefined) continue;
          yield failure(at, `an end of ${chain} before close`, 'none');
        }
    }
  }
}

function* readJoin(
  sup: CheckedChain,
  story: SupervisorStory,
  { target = {} }: Told,
  at: string,
): Generator<Failure, void, undefined> {
  const { chain, first } = target;
  const own = isChainName(chain) && chain.startsWith(`${sup.session}/`) && chain !== sup.chain;
  if (!own || !isHash(first)) {
    yield failure(at, 'a join of a chain of this session', 'another target');
  } else if (story.joins.has(chain)) {
    yield failure(at, `one join of ${chain}`, 'a second');
  } else {
    story.joins.set(chain, { first, at });
  }
}

function* readEnd(
  story: SupervisorStory,
  { target = {}, state }: Told,
  at: string,
): Generator<Failure, void, undefined> {
  const { chain, seq, head } = target;
  const joined = typeof chain === 'string' ? story.joins.get(chain) : undefined;
  if (joined === undefined || !isCount(seq) || !isHash(head)) {
    yield failure(at, 'an end of a chain that was joined', 'another target');
  } else if (joined.end !== undefined) {
    yield failure(at, `one end of ${chain}`, 'a second');
  } else {
    joined.end = { seq, head, lost: state !== 'closed', at };
  }
}

function failure(at: string, expected: string, found: string): Failure {
  return { code: 1, step: 'claim', at, expected, found };
}
