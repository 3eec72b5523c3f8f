/** The links of a proof in words, each with the values a reader can compare elsewhere. */
import { encodeBase64, type Failure } from '@vitrine/chain/verify';
import { utcText } from '../../lib/time.ts';
import { arrivalOf } from './arrival.ts';
import type { ProofCase, ProofStep, StepId } from './prove.ts';
import { rowFault } from './row-state.ts';
import { dayOf, type TrustPin } from './trust-pin.ts';

type Facts = ProofStep['facts'];

export function proofSteps(c: ProofCase): ProofStep[] {
  return [leafStep(c), pathStep(c), rootStep(c), signatureStep(c), keyStep(c), arrivalStep(c)];
}

/** Every step, none of them reached. */
export function unreadableSteps(sentence: string): ProofStep[] {
  const rest: StepId[] = ['path', 'root', 'signature', 'key', 'arrival'];
  return [fails('leaf', sentence), ...rest.map((id) => notChecked(id, 'Nothing to check.'))];
}

function leafStep(c: ProofCase): ProofStep {
  const { item, bundle, leaf, leafHash } = c;
  const { claim, checkpoint } = bundle;
  const facts = factsOf({
    leaf: item.leaf,
    'hash of the proven record': leafHash,
    index: String(item.index),
    log: item.log,
  });
  const fault = rowFault(item);
  if (fault !== undefined) return fails('leaf', fault, facts);
  if (claim.type !== 'event' || claim.index !== item.index) {
    const about = claim.type === 'event' ? `leaf ${claim.index}` : `a ${claim.type}`;
    const says = `The server sent a proof about ${about}, and this row is leaf ${item.index}.`;
    return fails('leaf', says, facts);
  }
  if (logOf(checkpoint.origin) !== item.log) {
    const { origin } = checkpoint;
    const says = `The server sent a proof from ${origin}, and this row is of ${item.log}.`;
    return fails('leaf', says, facts);
  }
  if (leaf === undefined) {
    return fails('leaf', `The server's proof holds no leaf ${item.index}.`, facts);
  }
  if (leafHash !== item.leaf) {
    const says =
      'The record that the server proves does not hash to the leaf of this row: ' +
      'it is another record, or one of the two was changed.';
    return fails('leaf', says, facts);
  }
  return holds('leaf', 'The record of this row hashes to its leaf.', facts);
}

function pathStep({ leaf, reached, bundle }: ProofCase): ProofStep {
  if (leaf === undefined) return notChecked('path', 'There is no leaf to start from.');
  const { size } = bundle.checkpoint;
  const hashes = leaf.proof.length;
  const facts = factsOf({
    index: String(leaf.index),
    'size of the tree': String(size),
    hashes: leaf.proof.join('\n'),
  });
  if (reached === undefined) {
    const says = `Leaf ${leaf.index} of a tree of ${size} has no path of ${hashes} hashes.`;
    return fails('path', says, facts);
  }
  const lead = hashes === 1 ? 'hash leads' : 'hashes lead';
  const says = `${hashes} ${lead} from leaf ${leaf.index} up.`;
  return holds('path', says, facts);
}

function rootStep(c: ProofCase): ProofStep {
  const { reached, bundle, verdict } = c;
  const { size } = bundle.checkpoint;
  const root = bundle.checkpoint.root;
  const facts = factsOf({
    'root of the checkpoint': root,
    'root the path leads to': reached,
    'size of the tree': String(size),
    'sealed at': verdict.sealed_at === null ? undefined : utcText(verdict.sealed_at),
  });
  if (reached === undefined) return notChecked('root', 'No path leads to a root.', facts);
  if (reached !== root) {
    const says =
      'The path leads to another root than the one in the checkpoint: ' +
      'the path, the record or the root was changed.';
    return fails('root', says, facts);
  }
  const other = c.failures.find((failure) => isOfTree(c, failure));
  if (other !== undefined) return fails('root', treeSentence(other), facts);
  return holds('root', `The path leads to the root of the tree of ${size} leaves.`, facts);
}

/** What is neither about signatures and keys, nor about the leaf, nor about its arrival. */
function isOfTree(c: ProofCase, { step, at }: Failure): boolean {
  return step !== 'trust' && at !== 'trust' && step !== 'claim' && !isOfArrival(c, at);
}

function treeSentence({ step, code, at, expected, found }: Failure): string {
  if (step === 'seal' && code === 4) {
    const when = `By the clock of this machine the tree was sealed in the future, ${found}`;
    return `${when}: one of the clocks is wrong.`;
  }
  if (step === 'seal') return `The seal, the last leaf of the tree, does not hold: ${found}.`;
  return `The proof does not hold at ${at}: it should be ${expected}, and is ${found}.`;
}

function signatureStep(c: ProofCase): ProofStep {
  const { signatures } = c.bundle.checkpoint;
  const facts = factsOf({
    origin: c.bundle.checkpoint.origin,
    'signed by key': signatures.map(({ keyId }) => keyId).join(', '),
    signature: signatures.map(({ signature }) => encodeBase64(signature)).join('\n'),
  });
  const bad = c.failures.find((f) => f.step === 'trust' && f.at.startsWith(SIGNATURE_LINES));
  if (bad !== undefined) {
    const says =
      'The signature of the checkpoint does not verify: ' +
      'its size or its root was changed, or somebody else signed it.';
    return fails('signature', says, facts);
  }
  const known = signatures.filter(({ name, keyId }) =>
    c.trustedKeys.some((key) => key.origin === name && key.keyId === keyId),
  );
  if (known.length === 0) {
    const says = 'No key that this browser trusts has signed the checkpoint.';
    return notChecked('signature', says, facts);
  }
  const says = `Key ${known[0]!.keyId} signed size and root (Ed25519, checked by this browser).`;
  return holds('signature', says, facts);
}

const SIGNATURE_LINES = 'checkpoint/signatures/';

function keyStep(c: ProofCase): ProofStep {
  const { pin, trustedKeys, keyChange, bundle } = c;
  const { origin, size } = bundle.checkpoint;
  const facts = factsOf({
    'trusted keys': trustedKeys.map((key) => `${key.keyId} of ${key.origin}`).join('\n'),
  });
  if (keyChange !== undefined) return fails('key', `${keyChange} ${COMPARE}`, facts);
  const refusal = c.failures.find((f) => isOfKeys(f));
  if (refusal === undefined) {
    const says = `The key is trusted: ${howTrusted(pin)}.`;
    return holds('key', says, facts);
  }
  const signers = bundle.checkpoint.signatures.map(({ keyId }) => keyId).join(', ');
  const says =
    `The checkpoint of ${origin} at size ${size} is not signed as the trusted keys ask: ` +
    `it is signed by ${signers}; trusted is ${trustedKeys.map((key) => key.keyId).join(', ')}, ` +
    `${howTrusted(pin)}. ${COMPARE}`;
  return fails('key', says, facts);
}

const COMPARE = 'Compare it with "npx --no vitrine trust" on the machine of the log.';

function isOfKeys({ step, at }: Failure): boolean {
  return at === 'trust' || (step === 'trust' && !at.startsWith(SIGNATURE_LINES));
}

function howTrusted(pin: TrustPin): string {
  if (pin.source === 'file') return `from your own file ${pin.name}, ${dayOf(pin)}`;
  return `pinned on first use, ${dayOf(pin)}`;
}

function arrivalStep(c: ProofCase): ProofStep {
  const { item, verdict, attached, failures } = c;
  const facts = factsOf({
    vantage: item.vantage,
    via: item.via,
    sandbox: item.sandbox,
    peer: item.peer,
    'observed at': item.observed === '0' ? undefined : utcText(item.observed),
  });
  const admitFailure = failures.find(({ at }) => isOfArrival(c, at));
  if (admitFailure !== undefined) {
    const says = 'The record that says how this one came in is not in the log.';
    return fails('arrival', says, facts);
  }
  if (verdict.code !== 0) {
    return notChecked(
      'arrival',
      'It stands in a leaf of the same tree, which is not proven.',
      facts,
    );
  }
  const arrival = arrivalOf(item, attached);
  if (arrival.state === 'wrong') return fails('arrival', arrival.sentence, facts);
  const says =
    arrival.state === 'own'
      ? 'The log wrote this record itself; nobody sent it.'
      : `Who saw it and how it came in is in the log as well, at leaf ${arrival.admit}.`;
  return holds('arrival', says, facts);
}

/** `attached/<n>` of another leaf than the row's own. */
function isOfArrival({ attached, leaf }: ProofCase, at: string): boolean {
  const [, place] = /^attached\/(\d+)$/.exec(at) ?? [];
  return place !== undefined && attached[Number(place)] !== leaf;
}

/** The last part of an origin `<name>/<log id>/<log name>` (LOG.md §3). */
function logOf(origin: string): string {
  return origin.slice(origin.lastIndexOf('/') + 1);
}

function factsOf(values: Record<string, string | undefined>): Facts {
  return Object.entries(values).flatMap(([name, value]) => {
    return value === undefined || value === '' ? [] : [{ name, value }];
  });
}

function holds(id: StepId, sentence: string, facts: Facts = []): ProofStep {
  return { id, state: 'holds', sentence, facts };
}

function fails(id: StepId, sentence: string, facts: Facts = []): ProofStep {
  return { id, state: 'fails', sentence, facts };
}

function notChecked(id: StepId, sentence: string, facts: Facts = []): ProofStep {
  return { id, state: 'not checked', sentence, facts };
}
