/** How grave an alert is, from the gravest on, as rules name it. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What is none counts as the least. */
export function severityOf(value: unknown): Severity {
  return SEVERITIES.find((severity) => severity === value) ?? 'informational';
}
