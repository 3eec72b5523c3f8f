/** Every text colour of the style sheet can be read on everything it stands on (WCAG 2.2 AA). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const CONTRAST_MIN = 4.5;
/** Borders of controls and the focus ring (WCAG 1.4.11). */
const SHAPE_CONTRAST_MIN = 3;
const CSS = readFileSync(new URL('./globals.css', import.meta.url), 'utf8');
const SURFACES = ['canvas', 'surface', 'raised', 'hover'];
const TEXTS = ['text', 'muted', 'faint', 'accent'];
const TONES = ['critical', 'high', 'medium', 'low', 'informational'];
const STATES = ['sealed', 'pending', 'gap', 'broken'];

type Colours = Map<string, string>;

function coloursOf(block: string): Colours {
  return new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1]!, m[2]!]));
}

const [darkBlock = '', lightBlock = ''] = CSS.split('@variant theme-light-root');
const THEMES: Record<string, Colours> = {
  dark: coloursOf(darkBlock),
  light: coloursOf(lightBlock),
};

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function pairs(): [string, string, number][] {
  const on = (text: string, grounds: string[]): [string, string, number][] =>
    grounds.map((ground) => [text, ground, CONTRAST_MIN]);
  return [
    ...TEXTS.flatMap((text) => on(text, [...SURFACES, 'accent-soft'])),
    ...[...TONES, ...STATES].flatMap((tone) => on(tone, [...SURFACES, `${tone}-soft`])),
    ...[...TONES, ...STATES].flatMap((tone) => [
      ...on('text', [`${tone}-soft`]),
      ...on('muted', [`${tone}-soft`]),
    ]),
    ['accent-text', 'accent-fill', CONTRAST_MIN],
    ...SURFACES.map((ground): [string, string, number] => ['focus', ground, SHAPE_CONTRAST_MIN]),
  ];
}

describe('the colours', () => {
  it('are the same set in both themes', () => {
    assert.ok(THEMES.dark!.size > 30, `${THEMES.dark!.size} colours`);
    assert.deepEqual([...THEMES.dark!.keys()], [...THEMES.light!.keys()]);
  });

  for (const [theme, colours] of Object.entries(THEMES)) {
    it(`can be read in ${theme}`, () => {
      const weak = pairs().flatMap(([text, ground, min]) => {
        const ratio = contrast(colours.get(text)!, colours.get(ground)!);
        return ratio >= min ? [] : [`${text} on ${ground}: ${ratio.toFixed(2)}`];
      });
      assert.deepEqual(weak, []);
    });
  }

  it('would be found if one could not', () => {
    assert.ok(contrast('#777777', '#ffffff') < CONTRAST_MIN);
    assert.ok(contrast('#767676', '#ffffff') >= CONTRAST_MIN);
    assert.equal(contrast('#000000', '#ffffff'), 21);
  });
});
