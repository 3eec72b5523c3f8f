/** What the list is narrowed to. The address bar holds it; this only shows and changes it. */
'use client';

import { VANTAGES } from '@vitrine/schema/record';
import { plainText } from '@vitrine/schema/text';
import type { ReactNode, RefObject } from 'react';
import type { ValuesOf } from '../../lib/query/suggest.ts';
import { clockText } from '../../lib/time.ts';
import { classNames } from '../../ui/class-names.ts';
import { CloseIcon } from '../../ui/icons.tsx';
import { KeyHint } from '../../ui/key-hint.tsx';
import { QueryInput } from '../../ui/query-input.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { VantageMark } from '../../ui/vantage-mark.tsx';
import { KindMenu } from './kind-menu.tsx';
import type { Filter } from './window/timeline.ts';

interface FilterBarProps {
  filter: Filter;
  onFilter(filter: Filter): void;
  input: RefObject<HTMLInputElement | null>;
  valuesOf: ValuesOf;
  /** Escape in the text field. */
  onLeave(): void;
}

export function FilterBar({
  filter,
  onFilter,
  input,
  valuesOf,
  onLeave,
}: FilterBarProps): ReactNode {
  const toggleVantage = (vantage: string): void => {
    const rest = filter.vantages.filter((other) => other !== vantage);
    const vantages = rest.length < filter.vantages.length ? rest : [...rest, vantage];
    onFilter({ ...filter, vantages });
  };
  return (
    <section aria-label="Filter" className="relative border-b border-line px-4 py-2">
      <div className="flex flex-wrap items-start gap-2">
        <QueryInput
          label="Filter by text"
          placeholder="kind:file.* path:/etc/* status>=400, or any text"
          query={filter.text}
          input={input}
          eager
          valuesOf={valuesOf}
          onQuery={(text) => onFilter({ ...filter, text })}
          onLeave={onLeave}
          hint={
            <span className="pointer-events-none absolute top-[7px] right-2 hidden sm:block">
              <KeyHint>/</KeyHint>
            </span>
          }
        />
        <KindMenu chosen={filter.kinds} onChoose={(kinds) => onFilter({ ...filter, kinds })} />
        <div
          role="group"
          aria-label="Vantage"
          className="flex rounded-md border border-line-strong"
        >
          {VANTAGES.map((vantage) => (
            <VantageToggle
              key={vantage}
              vantage={vantage}
              pressed={filter.vantages.includes(vantage)}
              onToggle={() => toggleVantage(vantage)}
            />
          ))}
        </div>
      </div>
      <Chips filter={filter} onFilter={onFilter} />
    </section>
  );
}

interface VantageToggleProps {
  vantage: string;
  pressed: boolean;
  onToggle(): void;
}

function VantageToggle({ vantage, pressed, onToggle }: VantageToggleProps): ReactNode {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onToggle}
      className={classNames(
        'inline-flex h-[30px] items-center border-r border-line px-1.5 text-xs sm:px-2 font-medium',
        'first:rounded-l-md last:rounded-r-md last:border-r-0',
        pressed ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover hover:text-text',
      )}
    >
      <VantageMark vantage={vantage} />
    </button>
  );
}

function Chips({ filter, onFilter }: Pick<FilterBarProps, 'filter' | 'onFilter'>): ReactNode {
  const { kinds, vantages, text, span } = filter;
  const isAny = kinds.length > 0 || vantages.length > 0 || text !== '' || span !== undefined;
  if (!isAny) return null;
  const without = (list: readonly string[], one: string) => list.filter((other) => other !== one);
  return (
    <ul aria-label="Active filters" className="flex flex-wrap items-center gap-1.5 pt-2">
      {kinds.map((kind) => (
        <Chip
          key={`k${kind}`}
          name="kind"
          value={kind}
          onRemove={() => onFilter({ ...filter, kinds: without(kinds, kind) })}
        />
      ))}
      {vantages.map((vantage) => (
        <Chip
          key={`v${vantage}`}
          name="vantage"
          value={vantage}
          onRemove={() => onFilter({ ...filter, vantages: without(vantages, vantage) })}
        />
      ))}
      {text === '' ? null : (
        <Chip name="query" value={text} onRemove={() => onFilter({ ...filter, text: '' })} />
      )}
      {span === undefined ? null : (
        <Chip
          name="time"
          value={`${clockText(span.from)} – ${clockText(span.to)}`}
          onRemove={() => onFilter({ kinds, vantages, text })}
        />
      )}
      <li>
        <button
          type="button"
          onClick={() => onFilter({ kinds: [], vantages: [], text: '' })}
          className="h-6 rounded px-1.5 text-xs text-muted hover:bg-hover hover:text-text"
        >
          Clear all
        </button>
      </li>
    </ul>
  );
}

interface ChipProps {
  name: string;
  value: string;
  onRemove(): void;
}

function Chip({ name, value, onRemove }: ChipProps): ReactNode {
  return (
    <li className="inline-flex h-6 max-w-full items-center rounded bg-raised pl-2 text-xs">
      <span className="text-faint">{name}:</span>
      <SafeText text={value} className="ml-1 max-w-[32ch] truncate" />
      <button
        type="button"
        aria-label={`Remove filter ${name}: ${plainText(value)}`}
        onClick={onRemove}
        className={classNames(
          'ml-0.5 inline-flex size-6 items-center justify-center rounded text-muted',
          'hover:bg-hover hover:text-text',
        )}
      >
        <CloseIcon className="size-3" />
      </button>
    </li>
  );
}
