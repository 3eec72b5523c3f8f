/** Techniques and risks, each with the catalogue it comes from. */
import { plainText } from '@vitrine/schema/text';
import type { ReactNode } from 'react';
import { tagTexts } from '../lib/tags.ts';
import { Badge } from './badge.tsx';

export function TagList({ tags }: { tags: readonly string[] }): ReactNode {
  const texts = tagTexts([...tags]);
  if (texts.length === 0) return <p className="text-sm text-muted">The rule names none.</p>;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {texts.map(({ catalogue, name }) => (
        <li key={`${catalogue} ${name}`}>
          <Badge>
            <span className="text-faint">{plainText(catalogue)}</span> {plainText(name)}
          </Badge>
        </li>
      ))}
    </ul>
  );
}
