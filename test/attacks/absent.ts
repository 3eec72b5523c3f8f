/** Attacks on what there is not: they are listed, so that no number is forgotten. */
import type { AbsentRow } from './row.ts';

const SOURCE = 'attack list';

export const ABSENT_ROWS: AbsentRow[] = [
  {
    id: '34-witness',
    source: SOURCE,
    text: 'truncate and re-sign by insider with the key: witnesses refuse (409/422)',
    status: 'not built',
    why: 'witness server and client',
  },
  {
    id: '52-announced',
    source: SOURCE,
    text: 'a key that no `key` record under the old key announced',
    status: 'not built',
    why: 'rotation',
  },
  {
    id: '57',
    source: SOURCE,
    text: 'TSA token for another note',
    status: 'dropped',
    why: 'token in the bundle: LOG.md §4 has it in a file beside, which openssl checks',
  },
  {
    id: '59',
    source: SOURCE,
    text: 'shard checkpoint not in the root log',
    status: 'dropped',
    why: 'root log: LOG.md has none',
  },
  {
    id: '60',
    source: SOURCE,
    text: 're-shard: origin reused',
    status: 'not built',
    why: 'a change of the number of shards; the root log it was to be noticed in is dropped',
  },
];
