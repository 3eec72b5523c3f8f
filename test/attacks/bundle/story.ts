/** What happens in a log of our own before its owner begins to lie. */
import type { BundleJson } from '../file.ts';
import type { ForgedLog } from '../forge.ts';

/** `s1` begins: `open`, records of the chain `s1/b1`, its `join`. Record 1 has a part. */
export function opened(log: ForgedLog, session = 's1', records = 4): void {
  log.add(`${session}/sup`, 'open');
  for (let i = 0; i < records; i++) {
    log.add(`${session}/b1`, 'file.read', { path: `/w/${i}` }, i === 1 ? { argv: 'cat' } : {});
  }
  joined(log, `${session}/b1`);
}

export function joined(log: ForgedLog, chain: string): void {
  const first = log.records.get(chain)![0]!.leaf.toString('base64');
  log.add(supervisorOf(chain), 'join', { target: { chain, first } });
}

export function ended(log: ForgedLog, chain: string, state = 'closed'): void {
  const { seq, leaf } = log.last(chain);
  const target = { chain, seq, head: leaf.toString('base64') };
  log.add(supervisorOf(chain), 'end', { target, state, reason: 'bye' });
}

export function closed(log: ForgedLog, session = 's1', reason = 'runtime'): void {
  log.add(`${session}/sup`, 'close', { reason });
  log.forget(session);
}

/** A whole life of `s1`, sealed and exported. */
export function closedSession(log: ForgedLog): BundleJson {
  opened(log);
  ended(log, 's1/b1');
  closed(log);
  log.seal();
  return log.session('s1');
}

/** `s1` while it lives, sealed with heads and exported. */
export function openSession(log: ForgedLog): BundleJson {
  opened(log);
  log.seal();
  return log.session('s1');
}

function supervisorOf(chain: string): string {
  return `${chain.slice(0, chain.indexOf('/'))}/sup`;
}
