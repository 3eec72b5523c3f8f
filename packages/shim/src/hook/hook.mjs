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

import { read } from 'node:fs';

/**
 * From the start of the process: the agent waits for all of it (`HOOK_MS_MAX`). As `vitrine hook`
 * its first argument is no number.
 */
const MS_MAX = Number(process.argv[2]) || 250;
/** A larger hook would be refused (`HOOK_BYTES_MAX`). */
const BYTES_MAX = 3_145_728;
const PATH = '/v1/hooks/claude-code';
const READ_BYTES = 65_536;
const AGAIN_MS = 2;
/** What it takes to begin, before the clock runs, and to end. */
const EXIT_MS = 30;
/** RFC 9110 §5.5: what a field value may hold. */
const FIELD_VALUE = /^[\x20-\x7e]*$/;

const { VITRINE_HOOKS, VITRINE_OTLP, OTEL_EXPORTER_OTLP_ENDPOINT, VITRINE_TOKEN } = process.env;

/** All is with the kernel, which hands it over without us as well. */
let isSent = false;
let isLate = false;

const leftMs = Math.max(MS_MAX - performance.now() - EXIT_MS, 1);
setTimeout(() => {
  isLate = true;
  if (isSent) done();
}, leftMs);
// On a machine so busy that Node takes long to start, half of the time is left to send it.
setTimeout(done, Math.max(leftMs, MS_MAX / 2));
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

/** Not `process.stdin`: to load what it needs takes longer than all the rest. */
async function input() {
  const chunks = [];
  for (let bytes = 0; ; ) {
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    const count = await new Promise((resolve) => {
      read(0, chunk, 0, READ_BYTES, null, (error, got) => {
        // A pipe that does not wait, and has nothing yet.
        if (error?.code === 'EAGAIN') setTimeout(resolve, AGAIN_MS, -1);
        else resolve(error ? 0 : got);
      });
    });
    if (count < 0) continue;
    if (count === 0) return Buffer.concat(chunks);
    bytes += count;
    if (bytes > BYTES_MAX) done();
    chunks.push(chunk.subarray(0, count));
  }
}

/**
 * Resolves with the answer, which says that it is durable, or when there will be none. The request
 * is written by hand for the same reason.
 */
async function post(url, body) {
  const isSecure = url.protocol === 'https:';
  if (!isSecure && url.protocol !== 'http:') return;
  const { connect } = await import(isSecure ? 'node:tls' : 'node:net');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const head = [
    `POST ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  if (VITRINE_TOKEN) head.push(`authorization: Bearer ${VITRINE_TOKEN}`);
  if (!head.every((line) => FIELD_VALUE.test(line))) return;
  const port = Number(url.port) || (isSecure ? 443 : 80);
  await new Promise((resolve) => {
    const socket = connect({ host, port, ...(isSecure ? { servername: host } : {}) });
    socket.on('error', resolve);
    socket.on('close', resolve);
    socket.once('data', resolve);
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(body, (error) => {
      isSent = !error;
      if (isSent && isLate) done();
    });
  });
}
