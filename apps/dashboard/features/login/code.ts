/** The one-time code, in the part of the address that no server ever sees. */

/** The code of `#code=…`, or `null`. */
export function codeOfFragment(fragment: string): string | null {
  const code = new URLSearchParams(fragment.replace(/^#/, '')).get('code');
  return code === null || code === '' ? null : code;
}

/** What a person may paste instead of opening the link: the link itself, or its code alone. */
export function codeOfPasted(text: string): string | null {
  const given = text.trim();
  const inLink = codeOfFragment(given.slice(given.indexOf('#') + 1));
  if (inLink !== null) return inLink;
  return /^[A-Za-z0-9_-]{20,200}$/.test(given) ? given : null;
}
