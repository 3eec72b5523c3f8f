/**
 * Signs a browser in. The code is taken out of the address bar before anything else happens, so
 * that it is neither kept in the history nor seen over a shoulder.
 */
'use client';

import { useSearchParams } from 'next/navigation';
import { type FormEvent, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { type ApiFailure, asFailure, failureOf, send } from '../../lib/api/client.ts';
import { paths, safeReturn } from '../../lib/paths.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { AlertIcon } from '../../ui/icons.tsx';
import { ProductMark } from '../../ui/product-mark.tsx';
import { codeOfFragment, codeOfPasted } from './code.ts';

export function LoginPage(): ReactNode {
  return (
    <div className="mx-auto flex w-full max-w-[440px] flex-col px-4 pt-[12vh] pb-10">
      <div className="rounded-lg border border-line bg-surface p-6 sm:p-8">
        <div className="mb-5 flex items-center gap-2">
          <ProductMark />
          <h1 className="text-lg font-semibold tracking-tight">Sign in to Vitrine</h1>
        </div>
        <Suspense>
          <Steps />
        </Suspense>
      </div>
    </div>
  );
}

type Step = { at: 'link' } | { at: 'asking' } | { at: 'refused'; failure: ApiFailure };

function Steps(): ReactNode {
  const to = safeReturn(useSearchParams().get('to') ?? '/');
  const [step, setStep] = useState<Step>({ at: 'asking' });
  const asked = useRef(false);
  const signIn = async (code: string): Promise<void> => {
    setStep({ at: 'asking' });
    try {
      await exchange(code);
      // A whole new page, which the server renders signed in.
      window.location.replace(to);
    } catch (error) {
      setStep({ at: 'refused', failure: asFailure(error) });
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as it was opened
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    const code = codeOfFragment(window.location.hash);
    if (window.location.hash !== '') {
      window.history.replaceState(window.history.state, '', window.location.href.split('#')[0]);
    }
    if (code === null) setStep({ at: 'link' });
    else void signIn(code);
  }, []);
  if (step.at === 'asking') {
    return (
      <p role="status" className="text-sm text-muted">
        Signing in …
      </p>
    );
  }
  return (
    <>
      {step.at === 'refused' ? <Refusal failure={step.failure} /> : null}
      <HowToGetALink onCode={signIn} />
    </>
  );
}

async function exchange(code: string): Promise<void> {
  const answer = await send(paths.loginSession(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (!answer.ok) throw await failureOf(answer);
}

const TITLES: Record<string, string> = {
  LOGIN_CODE_USED: 'This link was already used',
  LOGIN_CODE_EXPIRED: 'This link has expired',
  LOGIN_CODE_UNKNOWN: 'This link is not valid',
  LOGIN_LIMITED: 'Too many wrong links',
  API_AWAY: 'Vitrine does not answer',
  CONNECTION_LOST: 'The dashboard does not answer',
};

const EXPLANATIONS: Record<string, string> = {
  LOGIN_CODE_USED:
    'A link works once. If it was not you who used it, make a fresh one, then look for tokens ' +
    'you do not know with “vitrine token list” and revoke them.',
  LOGIN_CODE_EXPIRED: 'A link works for 15 minutes. Make a fresh one.',
  LOGIN_CODE_UNKNOWN:
    'It may have been cut while copying, or Vitrine was started again since. Make a fresh one.',
};

function Refusal({ failure }: { failure: ApiFailure }): ReactNode {
  return (
    <div role="alert" className="mb-5 rounded-md border border-line bg-raised p-3">
      <h2 className="flex items-center gap-2 text-sm font-semibold text-critical">
        <AlertIcon />
        {TITLES[failure.code] ?? 'Signing in did not work'}
      </h2>
      <p className="mt-1.5 text-sm text-muted">
        {EXPLANATIONS[failure.code] ?? `${failure.message} ${failure.hint}`}
      </p>
      <code className="mt-2 block text-2xs text-faint">{failure.code}</code>
    </div>
  );
}

function HowToGetALink({ onCode }: { onCode: (code: string) => void }): ReactNode {
  const [text, setText] = useState('');
  const [unreadable, setUnreadable] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const code = codeOfPasted(text);
    setUnreadable(code === null);
    if (code !== null) onCode(code);
  };
  return (
    <>
      <p className="mb-3 text-sm text-muted">
        You sign in with a one-time link. On the machine that runs Vitrine, this prints one:
      </p>
      <CommandLine command="npx --no vitrine login" />
      <form onSubmit={submit} className="mt-6 border-t border-line pt-5">
        <label htmlFor="link" className="mb-1.5 block text-sm font-medium">
          Or paste the link here
        </label>
        <div className="flex gap-2">
          <input
            id="link"
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={unreadable}
            {...(unreadable ? { 'aria-describedby': 'link-says' } : {})}
            className={classNames(
              'h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-canvas px-3',
              'text-sm',
            )}
          />
          <Button type="submit" look="primary">
            Sign in
          </Button>
        </div>
        {unreadable ? (
          <p id="link-says" role="alert" className="mt-2 text-sm text-critical">
            That is no login link: it ends with #code= and 43 characters.
          </p>
        ) : null}
      </form>
    </>
  );
}
