/**
 * Text from outside, made safe to look at: characters that a terminal or a browser would act on
 * instead of showing (controls, escapes, direction changes, invisible ones) are shown by name.
 */
export interface TextPiece {
  text: string;
  /** The name of a character that would not be seen, e.g. `U+202E`. */
  mark?: string;
}

/** Classes of characters that are not seen; what joins or colours an emoji is seen in it. */
const HIDDEN_CLASSES = [
  // C0 and C1 controls, except tab and line feed.
  /[\x00-\x08\x0b-\x1f\x7f-\x9f]/,
  // Soft hyphen, joiners and spaces without width, direction controls, separators.
  /[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb]/,
  // Fillers and letters that no font draws.
  /\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/,
  /(?<!\p{Extended_Pictographic}\ufe0f?)\u200d|\u200d(?!\p{Extended_Pictographic})/u,
  /[\ufe00-\ufe0d]|(?<!\p{Emoji})[\ufe0e\ufe0f]/u,
  // Tags, more variation selectors, halves of pairs.
  /[\u{e0000}-\u{e0fff}]|\p{Cs}/u,
];
const HIDDEN = new RegExp(HIDDEN_CLASSES.map(({ source }) => source).join('|'), 'gu');

const C0_PICTURES = 0x2400;
const DELETE = 0x7f;

/** The text in pieces, those with a `mark` being one hidden character each. */
export function visibleText(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let done = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > done) pieces.push({ text: text.slice(done, match.index) });
    pieces.push(pieceOf(match[0]));
    done = match.index + match[0].length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done) });
  return pieces;
}

/** The same as one plain string, for titles and accessible names. */
export function plainText(text: string): string {
  return visibleText(text)
    .map((piece) => piece.text)
    .join('');
}

function pieceOf(character: string): TextPiece {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase().padStart(4, '0');
  const mark = `U+${hex}`;
  if (code < 0x20) return { text: String.fromCodePoint(C0_PICTURES + code), mark };
  if (code === DELETE) return { text: '\u2421', mark };
  return { text: `\u27e8${mark}\u27e9`, mark };
}
