#!/usr/bin/env node
/**
 * The relay as one file for a machine that has Node and nothing of ours: `npm run build` makes
 * `dist/vitrine-relay.mjs` of it (docs/guides/relay.md). An older Node than 20.15 refuses the file
 * by itself, before its first line, for it lacks what is imported.
 */
import './missing.ts';
import { relayProcess } from '../process.ts';

process.exitCode = await relayProcess(process.argv.slice(2));
