/** The golden bundles as subjects: made by another implementation, with the code each must get. */
import { golden, goldenText } from './bundle/make.ts';
import type { Subject, VerifyArgs } from './row.ts';

interface Expected {
  code: number;
  options: {
    require_closed?: true;
    require_lossless?: true;
    require_parts?: true;
    expect?: { session: string };
  };
}

export function goldenSubjects(): { id: string; subject: Subject; code: number }[] {
  const expected = JSON.parse(goldenText('expected.json')) as Record<string, Expected>;
  const subjects = Object.entries(expected).map(([id, { code, options }]) => {
    return { id, subject: golden(id, argsOf(options))(), code };
  });
  const pinned = golden('pinned', { pin: goldenText('pin.json') })();
  return [...subjects, { id: 'pinned', subject: pinned, code: 0 }];
}

function argsOf(options: Expected['options']): Partial<VerifyArgs> {
  const { expect, require_closed, require_lossless, require_parts } = options;
  return {
    ...(expect === undefined ? {} : { expect }),
    ...(require_closed ? { requireClosed: true } : {}),
    ...(require_lossless ? { requireLossless: true } : {}),
    ...(require_parts ? { requireParts: true } : {}),
  };
}
