/** The members of a record, flat, as a table. */
'use client';

import type { JsonObject } from '@vitrine/schema/record';
import { type ReactNode, useMemo, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { type Field, flatten } from './flatten.ts';

/** A record may hold thousands of members; nobody reads that many at once. */
const SHOWN = 300;

/** Envelope members last: what happened comes first. */
const ENVELOPE = new Set(['kind', 'prev', 'seq', 'session', 'shim', 't', 'v']);

export function FieldsTab({ record }: { record: JsonObject }): ReactNode {
  const [all, setAll] = useState(false);
  const fields = useMemo(() => ordered(flatten(record)), [record]);
  const shown = all ? fields : fields.slice(0, SHOWN);
  return (
    <>
      <table aria-label="Fields of the record" className="w-full table-fixed text-left text-xs">
        <colgroup>
          <col className="w-[36%]" />
          <col />
        </colgroup>
        <thead className="sr-only">
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ name, value, type }) => (
            <tr key={name} className="border-b border-line/60 align-top">
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
            </tr>
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

function ordered(fields: Field[]): Field[] {
  const isEnvelope = ({ name }: Field): boolean =>
    ENVELOPE.has(name) || name.startsWith('parts.') || name === 'parts';
  return [...fields.filter((f) => !isEnvelope(f)), ...fields.filter(isEnvelope)];
}
