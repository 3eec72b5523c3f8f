/** Who stood where, and who could have lied, in the words of docs/concepts/vantage.md. */
interface VantageWords {
  saw: string;
  couldLie: string;
}

const WORDS: Record<string, VantageWords> = {
  agent: {
    saw: 'The agent’s own process said this, by its hooks or its telemetry.',
    couldLie: 'Anything that runs in the sandbox could have said it, the agent first.',
  },
  guest: {
    saw: 'An observer inside the sandbox saw this, under another user or in the guest’s kernel.',
    couldLie: 'Whoever takes over that user or that kernel could have forged it.',
  },
  boundary: {
    saw: 'The wall of the sandbox saw this: the egress proxy, a tracer around it, the sentry.',
    couldLie: 'Only someone who has broken out of the sandbox could have forged it.',
  },
  host: {
    saw: 'The host’s own kernel saw this.',
    couldLie: 'Only someone with root on the host could have forged it.',
  },
  '': {
    saw: 'The collector wrote this itself: it is the log’s own word about the session.',
    couldLie: 'Nothing in the sandbox can write here; the operator of the log could.',
  },
};

const UNKNOWN: VantageWords = {
  saw: 'The row names a place to stand that this page does not know.',
  couldLie: 'Trust it no more than the agent’s own word.',
};

export function vantageWords(vantage: string): VantageWords {
  return Object.hasOwn(WORDS, vantage) ? WORDS[vantage]! : UNKNOWN;
}

/** How it came to the collector. */
export function viaWords(via: string): string {
  if (via === 'opp') return 'pulled from the sandbox’s relay';
  if (via === 'otlp') return 'pushed as OTLP';
  if (via === 'hook') return 'sent by the agent’s own hook';
  return via === '' ? 'made by the collector' : via;
}
