/** `vitrine shim mitmproxy` without its command line, for tests: options as JSON, one argument. */
import { runMitmproxyShim } from '../mitmproxy/main.ts';

const code = await runMitmproxyShim(JSON.parse(process.argv[2]!), (value) => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
});
process.exit(code);
