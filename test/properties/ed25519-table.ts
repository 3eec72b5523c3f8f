/** The edge vectors of C2SP/CCTV, and who accepts each of them, as recorded. */
import { readFileSync } from 'node:fs';
import type { Vector } from './ed25519.ts';

const FOLDER = new URL('../vectors/ed25519/', import.meta.url);

export const VECTORS = JSON.parse(text('vectors.json')) as Vector[];
/** By number: the names of `ed25519.ts` that accept it. */
export const VERDICTS = JSON.parse(text('verdicts.json')) as string[];

function text(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}
