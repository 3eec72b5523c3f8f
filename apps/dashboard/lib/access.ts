/**
 * What the reader's role lets them do, as far as pages offer it. The API decides: this only keeps a
 * page from offering what would be refused. Kept in a cookie that no script can read.
 */
'use client';

import { createContext, useContext } from 'react';

/** As the API names them. */
export type Deed = 'alert.triage' | 'connector.manage' | 'evidence.export' | 'part.read';

const GRANTED: Record<string, readonly Deed[]> = {
  admin: ['alert.triage', 'connector.manage', 'evidence.export', 'part.read'],
  analyst: ['alert.triage', 'evidence.export', 'part.read'],
  auditor: ['evidence.export'],
  reader: [],
};

const RoleContext = createContext('');

/** Around every page: the role, or nothing where the browser does not know it. */
export const RoleProvider = RoleContext.Provider;

/** Why the reader may not do it; `undefined` where they may, and where nothing is known. */
export function useRefusal(deed: Deed): string | undefined {
  const role = useContext(RoleContext);
  return refusalOf(role, deed);
}

export function refusalOf(role: string, deed: Deed): string | undefined {
  const granted = Object.hasOwn(GRANTED, role) ? GRANTED[role] : undefined;
  if (granted === undefined || granted.includes(deed)) return undefined;
  const able = Object.keys(GRANTED).filter((other) => GRANTED[other]!.includes(deed));
  return `You are signed in as ${role}; this takes ${able.join(' or ')}.`;
}
