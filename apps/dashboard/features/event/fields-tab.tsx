/** The members of a record, flat, as a table. */
'use client';

import type { JsonObject } from '@vitrine/schema/record';
import { plainText } from '@vitrine/schema/text';
import { type ReactNode, useMemo, useState } from 'react';
import { termOfMember } from '../../lib/query/member.ts';
import { Button } from '../../ui/button.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { type Field, flatten } from './flatten.ts';

/** A record may hold thousands of members; nobody reads that many at once. */
const SHOWN = 300;

/** Envelope members last: what happened comes first. */
const ENVELOPE = new Set(['kind', 'prev', 'seq', 'session', 'shim', 't', 'v']);

interface FieldsTabProps {
  record: JsonObject;
  /** Adds a term to the query of the list. */
  onTerm(term: string): void;
}

export function FieldsTab({ record, onTerm }: FieldsTabProps): ReactNode {
  const [all, setAll] = useState(false);
  const fields = useMemo(() => ordered(flatten(record)), [record]);
  const shown = all ? fields : fields.slice(0, SHOWN);
  return (
    <>
      <table aria-label="Fields of the record" className="w-full table-fixed text-left text-xs">
        <colgroup>
          <col className="w-[36%]" />
          <col />
          <col className="w-[56px]" />
        </colgroup>
        <thead className="sr-only">
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
            <th scope="col">Filter</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((field) => (
            <FieldRow key={field.name} field={field} onTerm={onTerm} />
          ))}
        </tbody>
      </table>
      {shown.length < fields.length ? (
        <Button className="mt-3" onClick={() => setAll(true)}>
          {`Show ${(fields.length - shown.length).toLocaleString('en')} more fields`}
        </Button>
      ) : null}
    </>
  );
}

function FieldRow({ field, onTerm }: { field: Field; onTerm(term: string): void }): ReactNode {
  const { name, value, type } = field;
  return (
    <tr className="border-b border-line/60 align-top">
      <th scope="row" className="py-1.5 pr-3 font-mono font-normal text-faint">
        <SafeText text={name} />
      </th>
      <td className={`py-1.5 font-mono ${type === 'text' ? 'text-text' : 'text-muted'}`}>
        {type === 'text' && value === '' ? (
          <span className="text-faint">empty text</span>
        ) : (
          <SafeText text={value} className="whitespace-pre-wrap" />
        )}
      </td>
      <td className="py-0.5 text-right whitespace-nowrap">
        <FilterButtons field={field} onTerm={onTerm} />
      </td>
    </tr>
  );
}

/** A value longer than this is a text to read, not one to look for. */
const TERM_CHARS_MAX = 512;

function FilterButtons({ field, onTerm }: { field: Field; onTerm(term: string): void }): ReactNode {
  const { name, value, type } = field;
  if (type === 'null' || type === 'empty' || value.length > TERM_CHARS_MAX) return null;
  const term = termOfMember(name, value);
  if (term === undefined) return null;
  const shown = plainText(`${name} ${value}`);
  return (
    <>
      <TermButton sign="+" label={`Only events with ${shown}`} onClick={() => onTerm(term)} />
      <TermButton sign="−" label={`No events with ${shown}`} onClick={() => onTerm(`-${term}`)} />
    </>
  );
}

interface TermButtonProps {
  sign: string;
  label: string;
  onClick(): void;
}

function TermButton({ sign, label, onClick }: TermButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="inline-flex size-6 items-center justify-center rounded text-muted hover:bg-hover"
    >
      {sign}
    </button>
  );
}

function ordered(fields: Field[]): Field[] {
  const isEnvelope = ({ name }: Field): boolean =>
    ENVELOPE.has(name) || name.startsWith('parts.') || name === 'parts';
  return [...fields.filter((f) => !isEnvelope(f)), ...fields.filter(isEnvelope)];
}
