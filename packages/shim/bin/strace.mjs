#!/usr/bin/env node
/** The strace shim's process; `vitrine run` starts it and writes strace's lines to stdin. */
import { runStraceShim } from '../src/strace/main.ts';

process.exit(await runStraceShim());
