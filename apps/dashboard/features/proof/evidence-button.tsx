/** Downloads the evidence of a session, and says how to verify it without this page. */
'use client';

import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useRefusal } from '../../lib/access.ts';
import { type ApiFailure, asFailure } from '../../lib/api/client.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { CloseIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import type { BodyProgress } from './body.ts';
import { fetchSessionBundle, saveFile } from './browser.ts';
import { ByHand } from './by-hand.tsx';
import { byteText } from './byte-text.ts';
import { bundleFile, exportSession, verifyFile } from './commands.ts';

const PANEL = 'mt-1.5 rounded-lg border border-line-strong bg-surface p-4';
const OVER = 'absolute right-0 z-30 w-[min(34rem,calc(100vw-2rem))] shadow-lg';

type Download =
  | { phase: 'idle' }
  | { phase: 'running'; progress: BodyProgress }
  | { phase: 'saved'; bytes: number }
  | { phase: 'failed'; failure: ApiFailure };

interface EvidenceButtonProps {
  session: string;
  /** What it says stands below the button, instead of over the page: for a box that scrolls. */
  below?: boolean;
}

export function EvidenceButton({ session, below = false }: EvidenceButtonProps): ReactNode {
  const [download, setDownload] = useState<Download>({ phase: 'idle' });
  const running = useRef<AbortController>(undefined);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useId();
  const refusal = useRefusal('evidence.export');
  useEffect(() => () => running.current?.abort(), []);

  const start = async (): Promise<void> => {
    running.current?.abort();
    const given = new AbortController();
    running.current = given;
    const show = (progress: BodyProgress): void => setDownload({ phase: 'running', progress });
    show({ bytes: 0, total: undefined });
    try {
      const bytes = await fetchSessionBundle(session, given.signal, show);
      saveFile(bundleFile(session), bytes);
      setDownload({ phase: 'saved', bytes: bytes.length });
    } catch (error) {
      if (!given.signal.aborted) setDownload({ phase: 'failed', failure: asFailure(error) });
    }
  };
  const close = (): void => {
    running.current?.abort();
    setDownload({ phase: 'idle' });
    button.current?.focus();
  };
  const open = download.phase !== 'idle';
  useEscape(open, close);
  return (
    <div className={below ? 'contents' : 'relative'}>
      <Button
        ref={button}
        onClick={start}
        disabledReason={refusal}
        aria-expanded={open}
        aria-controls={panel}
      >
        Evidence
      </Button>
      {open ? (
        <section
          id={panel}
          aria-label="Evidence"
          className={classNames(PANEL, below ? 'w-full' : OVER)}
        >
          <div className="flex items-start justify-between gap-3">
            <State session={session} download={download} />
            <IconButton
              label={download.phase === 'running' ? 'Stop the download' : 'Close'}
              onClick={close}
            >
              <CloseIcon />
            </IconButton>
          </div>
          {download.phase === 'running' ? null : (
            <div className="mt-3">
              <ByHand
                exportLine={download.phase === 'failed' ? exportSession(session) : undefined}
                verifyLine={verifyFile(bundleFile(session))}
              />
            </div>
          )}
        </section>
      ) : null}
    </div>
  );
}

/** Escape closes what is open and nothing behind it. */
function useEscape(open: boolean, close: () => void): void {
  const latest = useRef(close);
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      latest.current();
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [open]);
}

function State({ session, download }: { session: string; download: Download }): ReactNode {
  switch (download.phase) {
    case 'idle':
      return null;
    case 'running':
      return <Progress {...download.progress} />;
    case 'saved':
      return (
        <p role="status" className="min-w-0 text-sm">
          <SafeText text={bundleFile(session)} />, {byteText(download.bytes)}, was downloaded. It
          proves itself to who has the key of the log.
        </p>
      );
    case 'failed':
      return (
        <p role="alert" className="min-w-0 text-sm">
          The evidence could not be downloaded: <SafeText text={download.failure.message} />{' '}
          <SafeText text={download.failure.hint} />
        </p>
      );
  }
}

function Progress({ bytes, total }: BodyProgress): ReactNode {
  const id = useId();
  return (
    <div className="min-w-0 grow text-sm">
      <p id={id}>
        {bytes === 0
          ? 'Putting the evidence together'
          : `${byteText(bytes)}${total === undefined ? '' : ` of ${byteText(total)}`}`}
      </p>
      <progress
        aria-labelledby={id}
        className="mt-1.5 w-full accent-accent"
        {...(total === undefined || bytes === 0 ? {} : { value: bytes, max: total })}
      />
    </div>
  );
}
