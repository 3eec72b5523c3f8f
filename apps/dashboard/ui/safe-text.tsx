/** Any text from outside: never HTML, kept from changing direction, hidden characters marked. */

import { visibleText } from '@vitrine/schema/text';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export function SafeText({ text, className }: { text: string; className?: string }): ReactNode {
  const pieces = visibleText(text).map(({ text: shown, mark }, i) => ({ shown, mark, key: i }));
  return (
    <bdi className={classNames('[overflow-wrap:anywhere]', className)}>
      {pieces.map(({ shown, mark, key }) =>
        mark === undefined ? (
          shown
        ) : (
          <span
            key={key}
            title={`hidden character ${mark}`}
            className="mx-px rounded-[3px] bg-high-soft px-0.5 font-mono text-[0.92em] text-high"
          >
            {shown}
          </span>
        ),
      )}
    </bdi>
  );
}
