#!/usr/bin/env node
/** The egress proxy's process; `vitrine run` starts it and writes its settings to stdin. */
import { runEgressProxy } from '../src/egress/main.ts';

process.exit(await runEgressProxy());
