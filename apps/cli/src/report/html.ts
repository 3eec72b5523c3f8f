/**
 * HTML that escapes by default. Text from outside can neither leave its element nor hide in it:
 * characters that a browser would act on instead of showing are shown by name.
 */
import { plainText, visibleText } from '@vitrine/schema/text';

/** HTML that was made here; anything else is text. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type Piece = string | number | Markup | undefined | readonly Piece[];

/** Values become text, `Markup` stays as it is, `undefined` is nothing. No value in attributes. */
export function html(source: TemplateStringsArray, ...values: Piece[]): Markup {
  const made = values.map((value, i) => sourceOf(value) + source[i + 1]!);
  return new Markup(source[0]! + made.join(''));
}

/** Text from outside in one line of ours, kept from turning the words around it. */
export function quoted(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

/** For places that hold no elements: attributes and the title. */
export function bare(text: string): Markup {
  return new Markup(escaped(plainText(text)));
}

function sourceOf(value: Piece): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.source;
  if (typeof value === 'string' || typeof value === 'number') return textSource(String(value));
  return value.map(sourceOf).join('');
}

function textSource(text: string): string {
  return visibleText(text)
    .map(({ text: shown, mark }) =>
      mark === undefined ? escaped(shown) : `<span class="hidden-mark">${escaped(shown)}</span>`,
    )
    .join('');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
