/** The choice of kinds: a button, and below it every kind in its group. */
'use client';

import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { classNames } from '../../ui/class-names.ts';
import { ChevronRightIcon } from '../../ui/icons.tsx';
import { KIND_GROUPS, type KindGroup } from './rows/kinds.ts';

interface KindMenuProps {
  chosen: readonly string[];
  onChoose(kinds: string[]): void;
}

export function KindMenu({ chosen, onChoose }: KindMenuProps): ReactNode {
  const [open, setOpen] = useState(false);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const onPointer = ({ target }: PointerEvent): void => {
      if (!box.current?.contains(target as Node)) setOpen(false);
    };
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    // Before the page's own Escape, which would close the event.
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [open]);
  const toggle = (kinds: readonly string[], on: boolean): void => {
    const rest = chosen.filter((kind) => !kinds.includes(kind));
    onChoose(on ? [...rest, ...kinds] : rest);
  };
  return (
    <div ref={box} className="shrink-0">
      <button
        ref={button}
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className={classNames(
          'inline-flex h-8 items-center gap-1 rounded-md border px-2.5 text-sm font-medium',
          chosen.length > 0
            ? 'border-accent bg-accent-soft text-accent'
            : 'border-line-strong bg-surface text-text hover:bg-hover',
        )}
      >
        Kind
        {chosen.length > 0 ? <span className="tabular-nums">{chosen.length}</span> : null}
        <ChevronRightIcon className="size-3.5 rotate-90" />
      </button>
      <div
        id={id}
        role="group"
        aria-label="Kinds of events"
        hidden={!open}
        className={classNames(
          'absolute top-[calc(100%-4px)] right-4 left-4 z-40 ml-auto max-h-[64dvh] max-w-[720px]',
          'overflow-y-auto rounded-lg border border-line-strong bg-surface p-3 shadow-2xl',
        )}
      >
        <div className="columns-[168px] gap-5">
          {KIND_GROUPS.map((group) => (
            <Group key={group.name} group={group} chosen={chosen} onToggle={toggle} />
          ))}
        </div>
      </div>
    </div>
  );
}

interface GroupProps {
  group: KindGroup;
  chosen: readonly string[];
  onToggle(kinds: readonly string[], on: boolean): void;
}

function Group({ group: { name, kinds }, chosen, onToggle }: GroupProps): ReactNode {
  const all = kinds.every((kind) => chosen.includes(kind));
  const some = kinds.some((kind) => chosen.includes(kind));
  return (
    <fieldset className="mb-3 break-inside-avoid">
      <legend className="sr-only">{name}</legend>
      <Choice
        label={name}
        strong
        checked={all}
        mixed={some && !all}
        onChange={(on) => onToggle(kinds, on)}
      />
      {kinds.map((kind) => (
        <Choice
          key={kind}
          label={kind}
          checked={chosen.includes(kind)}
          onChange={(on) => onToggle([kind], on)}
        />
      ))}
    </fieldset>
  );
}

interface ChoiceProps {
  label: string;
  checked: boolean;
  mixed?: boolean;
  strong?: boolean;
  onChange(on: boolean): void;
}

function Choice({ label, checked, mixed = false, strong, onChange }: ChoiceProps): ReactNode {
  return (
    <label className="flex min-h-6 items-center gap-2 rounded px-1 text-sm hover:bg-hover">
      <input
        type="checkbox"
        checked={checked}
        ref={(input) => {
          if (input !== null) input.indeterminate = mixed;
        }}
        onChange={({ target }) => onChange(target.checked)}
        className="size-3.5 accent-[var(--accent-fill)]"
      />
      <span className={strong ? 'font-semibold' : 'font-mono text-xs text-muted'}>{label}</span>
    </label>
  );
}
