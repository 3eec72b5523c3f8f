/** The dialects' names alone: who asks for one by name needs nothing of how it is written. */

/** OCSF 1.8.0, Elastic Common Schema 9.4, ArcSight's CEF 0, QRadar's LEEF 2.0. */
export const DIALECTS = ['ocsf', 'ecs', 'cef', 'leef'] as const;
export type Dialect = (typeof DIALECTS)[number];
/** Those of one line of text. */
export type TextDialect = 'cef' | 'leef';

export function isDialect(name: string): name is Dialect {
  return (DIALECTS as readonly string[]).includes(name);
}

export function isText(dialect: string): dialect is TextDialect {
  return dialect === 'cef' || dialect === 'leef';
}
