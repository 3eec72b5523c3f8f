/**
 * The box that takes a query: completes names and values by keyboard, and says under it what is
 * wrong. A text that is no query is never asked.
 */
'use client';

import type { QueryError } from '@vitrine/schema/record';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useMemo,
  useState,
} from 'react';
import { faultOf } from '../lib/query/fault.ts';
import { type Suggestions, suggest, type ValuesOf } from '../lib/query/suggest.ts';
import { classNames } from './class-names.ts';
import { SearchIcon } from './icons.tsx';
import { QueryFault } from './query-fault.tsx';
import { SuggestionList } from './suggestion-list.tsx';

/** Long enough to type a word, short enough to feel immediate. */
const TYPING_MS = 300;

interface QueryInputProps {
  label: string;
  placeholder: string;
  /** The query that is asked. */
  query: string;
  onQuery(query: string): void;
  /** Escape, and Enter on a query. */
  onLeave(): void;
  valuesOf: ValuesOf;
  input: RefObject<HTMLInputElement | null>;
  /** Names the fault of a text that is no query; whoever takes other texts too does it itself. */
  faults?: boolean;
  /** Ask while typing, not only on Enter. */
  eager?: boolean;
  /** At the right end of the box. */
  hint?: ReactNode;
}

export function QueryInput(props: QueryInputProps): ReactNode {
  const { input } = props;
  const id = useId();
  const box = useBox(props);
  const { typed, fault, chosen, items, isOpen } = box;
  return (
    <div className="relative min-w-0 flex-[1_1_320px] max-sm:basis-full">
      <SearchIcon className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={props.label}
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-invalid={fault !== undefined}
        {...(fault === undefined ? {} : { 'aria-describedby': `${id}-fault` })}
        {...(isOpen && chosen >= 0 ? { 'aria-activedescendant': `${id}-${chosen}` } : {})}
        placeholder={props.placeholder}
        value={typed}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={({ target }) => box.type(target.value, target.selectionStart ?? 0)}
        onBlur={box.close}
        onKeyDown={box.onKeyDown}
        className={classNames(
          'h-8 w-full rounded-md border bg-surface pr-8 pl-8 text-sm',
          fault === undefined ? 'border-line-strong' : 'border-broken',
        )}
      />
      {props.hint}
      <SuggestionList id={id} items={isOpen ? items : []} chosen={chosen} onTake={box.take} />
      <QueryFault id={`${id}-fault`} query={typed} fault={isOpen ? undefined : fault} />
    </div>
  );
}

interface Box {
  typed: string;
  /** Of the text, once the typing has paused. */
  fault: QueryError | undefined;
  items: Suggestions['items'];
  chosen: number;
  isOpen: boolean;
  type(text: string, caret: number): void;
  take(at: number): void;
  close(): void;
  onKeyDown(event: KeyboardEvent<HTMLInputElement>): void;
}

const CLOSED: Suggestions = { from: 0, to: 0, items: [] };

function useBox(props: QueryInputProps): Box {
  const { onQuery, onLeave, valuesOf, input } = props;
  const [offered, setOffered] = useState(CLOSED);
  const [chosen, setChosen] = useState(-1);
  const { items } = offered;
  const isOpen = items.length > 0;
  // Who is still choosing a name has not asked for its first letters.
  const { typed, setTyped, settle, fault } = useTyped(props, isOpen);
  const show = (suggestions: Suggestions): void => {
    setOffered(suggestions);
    setChosen(-1);
  };
  const close = (): void => show(CLOSED);
  const offer = (text: string, caret: number): void => show(suggest(text, caret, valuesOf));
  const take = (at: number): void => {
    const { text } = items[at]!;
    const caret = offered.from + text.length;
    const next = typed.slice(0, offered.from) + text + typed.slice(offered.to).trimStart();
    setTyped(next);
    offer(next, caret);
    requestAnimationFrame(() => {
      // Who types on at once has a caret of their own by now.
      if (input.current?.value === next) input.current.setSelectionRange(caret, caret);
    });
  };
  const enter = (): void => {
    if (isOpen && chosen >= 0) {
      take(chosen);
      return;
    }
    close();
    settle(typed);
    if (props.faults !== false && faultOf(typed) !== undefined) return;
    onQuery(typed.trim());
    onLeave();
  };
  const move = (by: 1 | -1, caret: number): void => {
    if (!isOpen) offer(typed, caret);
    else
      setChosen(
        chosen < 0 && by < 0 ? items.length - 1 : (chosen + by + items.length) % items.length,
      );
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const caret = event.currentTarget.selectionStart ?? typed.length;
    const { key } = event;
    if (key === 'ArrowDown') move(1, caret);
    else if (key === 'ArrowUp') move(-1, caret);
    else if (key === 'Enter') enter();
    else if (key !== 'Escape') return;
    else if (isOpen) close();
    else onLeave();
    event.preventDefault();
  };
  const type = (text: string, caret: number): void => {
    setTyped(text);
    // An empty piece would offer everything at each blank.
    if (/[\s()]$|^$/.test(text.slice(0, caret))) close();
    else offer(text, caret);
  };
  return { typed, fault, items, chosen, isOpen, type, take, close, onKeyDown };
}

interface Typed {
  typed: string;
  setTyped(text: string): void;
  /** Judges a text at once. */
  settle(text: string): void;
  fault: QueryError | undefined;
}

/** The text in the box, and what is wrong with it once the typing has paused. */
function useTyped(props: QueryInputProps, isChoosing: boolean): Typed {
  const { query, onQuery, faults = true } = props;
  const eager = props.eager === true && !isChoosing;
  const [typed, setTyped] = useState(query);
  const [settled, settle] = useState(query);
  // Back and forward change the query from outside.
  useEffect(() => {
    setTyped(query);
    settle(query);
  }, [query]);
  useEffect(() => {
    if (typed === settled && (typed === query || !eager)) return;
    const timer = setTimeout(() => {
      settle(typed);
      if (eager && typed !== query && faultOf(typed) === undefined) onQuery(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, settled, eager, query, onQuery]);
  const fault = useMemo(
    () => (faults && typed === settled ? faultOf(settled) : undefined),
    [faults, typed, settled],
  );
  return { typed, setTyped, settle, fault };
}
