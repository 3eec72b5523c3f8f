/** The rules with what they found of late, asked for again while one looks; one with its text. */
'use client';

import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { RulesAnswer, RuleText } from '@vitrine/schema/api';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';

const RENEW_MS = 10_000;

export function useRules(): UseQueryResult<RulesAnswer, ApiFailure> {
  return useQuery<RulesAnswer, ApiFailure>({
    // The choice of a rule among alerts has the same list.
    queryKey: ['rules'],
    queryFn: ({ signal }) => getJson('/v1/rules', { signal }),
    refetchInterval: RENEW_MS,
  });
}

export function useRule(id: string): UseQueryResult<RuleText, ApiFailure> {
  return useQuery<RuleText, ApiFailure>({
    queryKey: ['rule', id],
    queryFn: ({ signal }) => getJson(`/v1/rules/${encodeURIComponent(id)}`, { signal }),
  });
}
