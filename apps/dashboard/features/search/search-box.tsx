/** The box in the header that takes whatever was pasted. `/` goes to it, Escape leaves it. */
'use client';

import { usePathname, useRouter } from 'next/navigation';
import { useQueryState } from 'nuqs';
import { type FormEvent, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { searchKeys } from '../../lib/url-state.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { classNames } from '../../ui/class-names.ts';
import { SearchIcon } from '../../ui/icons.tsx';
import { KeyHint } from '../../ui/key-hint.tsx';

/** `slashKey`: false where another list owns the key. */
export function SearchBox({ slashKey }: { slashKey: boolean }): ReactNode {
  return (
    <Suspense fallback={<div className="h-8 w-full" />}>
      <Box slashKey={slashKey} />
    </Suspense>
  );
}

function Box({ slashKey }: { slashKey: boolean }): ReactNode {
  const router = useRouter();
  const onSearchPage = usePathname() === '/search';
  const [q] = useQueryState('q', searchKeys.q);
  const asked = onSearchPage ? q : '';
  const [text, setText] = useState(asked);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(asked), [asked]);
  const focus = (): void => {
    input.current?.focus();
    input.current?.select();
  };
  useKeys(slashKey ? { '/': focus } : {});
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') router.push(paths.search(text.trim()));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> has no accessible name in older browsers
    <form role="search" aria-label="Find a process" onSubmit={submit} className="relative">
      <SearchIcon className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <input
        ref={input}
        type="search"
        name="q"
        value={text}
        autoComplete="off"
        spellCheck={false}
        aria-label="Host and pid, device id, session, leaf or rule"
        placeholder="What is this process? host:pid, device id …"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          setText(asked);
          event.currentTarget.blur();
        }}
        className={classNames(
          'h-8 w-full rounded-md border border-line-strong bg-canvas pr-8 pl-8',
          'text-sm focus:border-accent',
          '[&::-webkit-search-cancel-button]:hidden',
        )}
      />
      {slashKey ? (
        <span
          className={classNames(
            'pointer-events-none absolute inset-y-0 right-2 hidden items-center',
            'sm:flex',
          )}
        >
          <KeyHint>/</KeyHint>
        </span>
      ) : null}
    </form>
  );
}
