/** Writes the golden files: `npx node packages/schema/src/normalise/write-golden.ts`. */
import { writeFileSync } from 'node:fs';
import { DIALECTS, goldenFile, goldenText } from './golden.fixture.ts';

for (const dialect of DIALECTS) writeFileSync(goldenFile(dialect), goldenText(dialect));
