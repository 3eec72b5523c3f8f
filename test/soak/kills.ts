/**
 * The kills of the acceptance test, as many as one likes: `npm run soak -- 300`. What it counts and
 * the seed that repeats it are printed at the end.
 */
import { test } from 'node:test';
import { survivesKills } from '../acceptance/path/crash.ts';

test('nothing that was acknowledged is lost or doubled', survivesKills);
