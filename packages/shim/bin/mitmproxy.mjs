#!/usr/bin/env node
/** mitmproxy around one run: told its settings on stdin by `vitrine run`, and ends with it. */
const { runMitmproxyCompanion } = await import('../src/mitmproxy/companion.ts');
process.exit(await runMitmproxyCompanion());
