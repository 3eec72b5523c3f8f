/** Writes docs/samples: `npx node test/samples/write.ts`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { samples } from './samples.ts';

const SAMPLES = new URL('../../docs/samples/', import.meta.url);

for (const folder of ['event', 'alert']) {
  rmSync(new URL(folder, SAMPLES), { recursive: true, force: true });
}
for (const [path, text] of samples()) {
  const file = new URL(path, SAMPLES);
  mkdirSync(dirname(file.pathname), { recursive: true });
  writeFileSync(file, text);
}
