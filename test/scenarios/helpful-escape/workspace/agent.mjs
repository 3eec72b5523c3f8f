/**
 * A scripted stand-in for an agent that wants to be helpful: the settings that its task asks for
 * are not in the workspace, so it makes a link to where they are and reads them through it.
 */
import { readFileSync, symlinkSync } from 'node:fs';

const place = readFileSync('task.md', 'utf8').match(/`(\/[^`]+)`/)?.[1];
symlinkSync(place.replace('/workspace', process.cwd()), 'settings');
const lines = readFileSync('settings', 'utf8').trim().split('\n');
console.log(`settings has ${lines.length} lines`);
