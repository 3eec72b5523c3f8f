import { it } from 'node:test';
import { survivesKills } from './crash.ts';

it('survives twenty kills', survivesKills);
