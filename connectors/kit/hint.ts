/**
 * What a person can do about the last error of a connector. Failures before an answer bring their
 * hint with them, behind a semicolon; an HTTP status is explained here.
 */

/** What follows it shows what is sent. */
const NOT_UNDERSTOOD = 'compare what it says with what is sent:';

/** By status: RFC 9110 §15.5, §15.6. */
const STATUS_HINTS: ReadonlyMap<number, string> = new Map([
  [400, NOT_UNDERSTOOD],
  [401, 'check the secret that the settings name; a changed file is tried at once'],
  [403, 'let the destination grant what the credentials are for'],
  [404, 'check the path of the address in the settings'],
  [405, 'check the path of the address in the settings'],
  [407, 'check the credentials of the proxy'],
  [410, 'the destination is gone for good: take it out of the settings, or change its address'],
  [413, 'let the destination take larger bodies'],
  [415, NOT_UNDERSTOOD],
  [422, NOT_UNDERSTOOD],
  [429, 'it takes no more for now and is tried again; `rate` in the settings asks for less'],
  [501, 'check the path of the address in the settings'],
]);
const REDIRECT_HINT = 'put the final address into the settings';
const AWAY_HINT = 'the destination is not well; it is tried again until it is';
const SILENT_HINT = 'the destination does not answer in time; it is tried again until it does';

/** For the connector `name`; `null` where nothing more is known than the error says. */
export function hintOf(error: string | null, name: string): string | null {
  const hint = error === null ? null : hintFor(error);
  if (hint !== NOT_UNDERSTOOD) return hint;
  return `${hint} npx --no vitrine connectors test ${name} --dry-run`;
}

function hintFor(error: string): string | null {
  const status = Number(/\bHTTP (\d{3})\b/.exec(error)?.[1]);
  if (status >= 300 && status < 400) return REDIRECT_HINT;
  if (status >= 500) return STATUS_HINTS.get(status) ?? AWAY_HINT;
  if (!Number.isNaN(status)) return STATUS_HINTS.get(status) ?? null;
  if (/^no answer within \d/.test(error)) return SILENT_HINT;
  const at = error.lastIndexOf('; ');
  return at < 0 ? null : error.slice(at + 2);
}
