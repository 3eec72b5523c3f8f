/** The folder `shots/`: pictures by scene, width and scheme, and a page of all of them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../acceptance/path/collector-process.ts';

export const SCHEMES = ['dark', 'light'] as const;
export const WIDTHS = [1280, 390] as const;

export class Album {
  readonly dir = join(REPOSITORY, 'shots');
  readonly #scenes = new Set<string>();

  constructor() {
    rmSync(this.dir, { recursive: true, force: true });
    mkdirSync(this.dir);
  }

  /** Where to put a picture. */
  place(scene: string, width: number, scheme: string): string {
    this.#scenes.add(scene);
    return join(this.dir, nameOf(scene, width, scheme));
  }

  writeIndex(): string {
    const rows = [...this.#scenes].map((scene) => {
      const pictures = WIDTHS.flatMap((width) =>
        SCHEMES.map((scheme) => {
          const name = nameOf(scene, width, scheme);
          const alt = `${scene}, ${width} px, ${scheme}`;
          return `<a href="${name}"><img src="${name}" alt="${alt}" loading="lazy"></a>`;
        }),
      );
      return `<h2 id="${scene}">${scene}</h2>\n<div>${pictures.join('\n')}</div>`;
    });
    const style =
      'body{font:14px sans-serif;margin:2em} div{display:flex;gap:1em;align-items:start} ' +
      'img{max-height:480px;max-width:600px;border:1px solid #8888}';
    const page =
      `<!doctype html><html lang="en"><title>Vitrine: pictures</title>` +
      `<style>${style}</style><h1>Pictures</h1>\n${rows.join('\n')}\n</html>\n`;
    const path = join(this.dir, 'index.html');
    writeFileSync(path, page);
    return path;
  }
}

function nameOf(scene: string, width: number, scheme: string): string {
  return `${scene}-${width}-${scheme}.png`;
}
