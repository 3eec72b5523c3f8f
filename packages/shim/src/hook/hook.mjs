/**
 * A hook command of Claude Code: hands what it reads on its standard input to where Vitrine takes
 * hooks. Watches and never takes part: prints nothing, ends with 0 whatever happens, and gives up
 * after a moment, for the agent waits. Uses Node alone, so that it can be copied into a sandbox.
 *
 * Its one argument: how long it may take in all, in milliseconds, where nobody waits for it.
 * Environment: VITRINE_HOOKS (where hooks are taken), else VITRINE_OTLP or
 * OTEL_EXPORTER_OTLP_ENDPOINT (base URL of OTLP/HTTP); VITRINE_TOKEN (an ingest token, where one is
 * needed).
 */

/** From the first line of this script: the agent waits for it (`HOOK_MS_MAX`). */
const MS_MAX = Number(process.argv[2] ?? 250);
/** A larger hook would be refused (`HOOK_BYTES_MAX`). */
const BYTES_MAX = 3_145_728;
const PATH = '/v1/hooks/claude-code';

const { VITRINE_HOOKS, VITRINE_OTLP, OTEL_EXPORTER_OTLP_ENDPOINT, VITRINE_TOKEN } = process.env;

setTimeout(done, MS_MAX);
process.on('uncaughtException', done);
process.on('unhandledRejection', done);
await post(address(), await input());
done();

function done() {
  process.exit(0);
}

function address() {
  if (VITRINE_HOOKS) return new URL(VITRINE_HOOKS);
  const base = VITRINE_OTLP || OTEL_EXPORTER_OTLP_ENDPOINT || 'http://127.0.0.1:4318';
  return new URL(base.replace(/\/+$/, '') + PATH);
}

async function input() {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    bytes += chunk.length;
    if (bytes > BYTES_MAX) done();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Resolves with the answer, which says that it is durable, or when there will be none. */
async function post(url, body) {
  const { request } = await import(url.protocol === 'https:' ? 'node:https' : 'node:http');
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  if (VITRINE_TOKEN) headers.authorization = `Bearer ${VITRINE_TOKEN}`;
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume();
      answer.on('close', resolve);
    });
    sent.on('error', resolve);
    sent.end(body);
  });
}
