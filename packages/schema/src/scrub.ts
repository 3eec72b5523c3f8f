/**
 * Takes what looks like a credential out of command lines and of what is shown in the clear: exact
 * secrets of the session, values behind names like `token`, and the shapes of well-known keys. Each
 * pattern reads a text once: texts come from outside, and time must not grow with their square.
 */

export const SCRUBBED = '[scrubbed]';

/** Names whose value is a secret, in options, headers, assignments and queries. */
const NAME =
  '[a-z0-9_.-]*(?:api[-_]?key|apikey|access[-_]?key|secret|token|passw(?:or)?d|passwd|passphrase|' +
  'authorization|credential|private[-_]?key|session[-_]?key|cookie|signature)[a-z0-9_-]{0,64}';

/** Well-known forms, by their makers' own prefixes. */
const SHAPES = new RegExp(
  [
    'sk-[A-Za-z0-9_-]{8,}',
    'gh[pousr]_[A-Za-z0-9]{16,}',
    'github_pat_[A-Za-z0-9_]{16,}',
    'glpat-[A-Za-z0-9_-]{12,}',
    'xox[a-z]-[A-Za-z0-9-]{8,}',
    '(?:AKIA|ASIA)[A-Z0-9]{12,}',
    'AIza[A-Za-z0-9_-]{20,}',
    'ya29\\.[A-Za-z0-9_-]{10,}',
    'npm_[A-Za-z0-9]{16,}',
    'pypi-[A-Za-z0-9_-]{16,}',
    'hf_[A-Za-z0-9]{16,}',
    '(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{4,}(?:\\.[A-Za-z0-9_-]*)?',
    '-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*',
  ].join('|'),
  'g',
);
/** The same as the source of a regular expression, for observers that are not ours to run. */
export const TOKEN_SHAPES = SHAPES.source;
/** `--token=x`, `token: x`, `TOKEN=x`, `"token":"x"`, and `Authorization: Bearer x`. */
const VALUE = `(?:(?:bearer|basic|token|digest)\\s+)?`;
const ASSIGNED = new RegExp(
  `(?<![a-z0-9_.-])(${NAME}\\\\*["']?\\s*[:=]\\s*\\\\*["']?${VALUE})([^\\s"'&;,\\\\]+)`,
  'gi',
);
const COOKIES = /(\bcookie:\s*)([^"']+)/gi;
const BEARER = /\b((?:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{8,})/gi;
/** Looks back for the scheme: to try it from each of its letters on cost fifty times as much. */
const USERINFO = /(?<=[a-z0-9+.-]:\/\/)[^/\s"'@]+(?=@)/gi;
const QUERY = /([?&](?:key|sig|code)=)([^&\s"']+)/gi;
/** An option whose value is the next argument. */
const SECRET_OPTION = new RegExp(`^(?:--?${NAME}|-u|--user|--pass)$`, 'i');

export class Scrubber {
  /** Longest first, so that a secret inside another leaves no rest. */
  readonly #secrets: string[];

  /** `secrets`: values that are known to be secret, whatever they look like. */
  constructor(secrets: string[]) {
    this.#secrets = secrets
      .filter((secret) => secret.length >= SECRET_CHARS_MIN)
      .toSorted((a, b) => b.length - a.length);
  }

  /** Known secrets only, also where strace cut them short at the end of a string. */
  exact(text: string): string {
    let found = text;
    for (const secret of this.#secrets) {
      found = found.replaceAll(secret, SCRUBBED);
      const escaped = escapedForm(secret);
      if (escaped !== secret) found = found.replaceAll(escaped, SCRUBBED);
    }
    return found;
  }

  text(text: string): string {
    return this.exact(text)
      .replace(SHAPES, SCRUBBED)
      .replace(COOKIES, (_, name: string) => `${name}${SCRUBBED}`)
      .replace(ASSIGNED, (_, name: string) => `${name}${SCRUBBED}`)
      .replace(BEARER, (_, name: string) => `${name}${SCRUBBED}`)
      .replace(USERINFO, SCRUBBED)
      .replace(QUERY, (_, name: string) => `${name}${SCRUBBED}`);
  }

  /** Arguments of a command, in the order given. */
  argv(argv: string[]): string[] {
    return argv.map((argument, i) => {
      const before = argv[i - 1];
      if (i > 1 && before !== undefined && SECRET_OPTION.test(before)) return SCRUBBED;
      return this.text(this.#tailless(argument));
    });
  }

  /** The quoted strings of a printed argument list, which keep their quotes. */
  quoted(text: string): string {
    const strings: string[] = [];
    const holes = text.replace(STRING, (whole) => `\u0000${strings.push(whole) - 1}\u0000`);
    const inner = strings.map((whole) => whole.slice(1, -1));
    const clean = inner.map((value, i) => {
      const before = inner[i - 1];
      if (i > 1 && before !== undefined && SECRET_OPTION.test(before)) return SCRUBBED;
      return this.text(this.#tailless(value));
    });
    return holes.replace(/\u0000(\d+)\u0000/g, (_, i: string) => `"${clean[Number(i)]}"`);
  }

  /** strace cuts long strings: the beginning of a secret at the very end is a secret too. */
  #tailless(text: string): string {
    for (const secret of this.#secrets) {
      for (let length = secret.length - 1; length >= SECRET_CHARS_MIN; length--) {
        if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + SCRUBBED;
      }
    }
    return text;
  }
}

/** Shorter texts would tear holes into ordinary words. */
const SECRET_CHARS_MIN = 6;
const STRING = /"(?:[^"\\]|\\.)*"/g;

/** How strace prints a text that has quotes or backslashes. */
function escapedForm(text: string): string {
  return text.replace(/[\\"]/g, (character) => `\\${character}`).replaceAll('\n', '\\n');
}
