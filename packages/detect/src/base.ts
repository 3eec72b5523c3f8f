/** One document with a `detection`: which records it selects, on whose word, past which filters. */
import { VANTAGES, type Vantage } from '@vitrine/schema';
import { invalid } from './error.ts';
import { type Extension, readExtension } from './extension.ts';
import { hasKind, type KindSet, kindSet, meetOf } from './kinds.ts';
import { detectionOf, type Members } from './members.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import { allOf, type Predicate } from './value.ts';
import { vantageOf } from './view.ts';

export interface Base {
  metadata: Metadata;
  extension: Extension;
  kinds: KindSet;
  /** True of records of other kinds than `kinds` as well, perhaps: ask only with those. */
  selects: Predicate;
  unused: string[];
}

/** `passes`: what filters let through. */
export function readBase(document: Members, passes: readonly Predicate[]): Base {
  const metadata = readMetadata(document, true);
  const extension = readExtension(document['x-vitrine']);
  if (extension.min !== undefined) throw invalid('x-vitrine.min is not for a detection');
  if (extension.falling !== undefined) throw invalid('x-vitrine.falling is not for a detection');
  if (extension.lateMs !== undefined) {
    throw invalid('x-vitrine.late is for a correlation: what remembers has its own');
  }
  if (document.detection === undefined) throw invalid('detection is missing');
  const { matches, unused, kinds } = detectionOf(document.detection, 'detection');
  const heard = independent(extension.vantage);
  const tests = [...heard, matches, ...passes];
  const source = metadata.kinds === undefined ? undefined : kindSet(metadata.kinds);
  return {
    metadata,
    extension,
    kinds: meetOf([source, kinds]),
    selects: allOf(tests),
    unused,
  };
}

/** The same, for whoever asks with records of any kind. */
export function ofItsKinds({ kinds, selects }: Pick<Base, 'kinds' | 'selects'>): Predicate {
  if (kinds === undefined) return selects;
  return (view) => hasKind(kinds, view.row.kind) && selects(view);
}

function independent(vantage: Vantage | undefined): Predicate[] {
  if (vantage === undefined) return [];
  const least = VANTAGES.indexOf(vantage);
  return [({ row }) => VANTAGES.indexOf(vantageOf(row)) >= least];
}
