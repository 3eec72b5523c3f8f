/**
 * Runs in the sandbox as the agent would: looks for ways out, touches files, and says what it found
 * as one line of JSON. Goes on living until a line comes, so that it can be looked at from outside.
 *
 * Its only argument is JSON: `{targets: {hostPort: {host, port}, name: {host, port} | {path} …}}`.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const CONNECT_MS_MAX = 3_000;

const { targets } = JSON.parse(process.argv[2]);
const tried = {};
for (const [name, target] of Object.entries(targets)) tried[name] = await attempt(target);
const seen = {
  pid: process.pid,
  routes: readFileSync('/proc/net/route', 'utf8'),
  unix: readFileSync('/proc/net/unix', 'utf8'),
  tried,
  viaLink: spawnSync('cat', ['link'], { encoding: 'utf8' }).stdout,
  // Node does not wait for the answer to connect(2); bash does, so that a tracer sees it too.
  waited: spawnSync('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${targets.hostPort.port}`]).status,
  secret: spawnSync('cat', ['/etc/shadow']).status,
  system: refusal(() => writeFileSync('/usr/made', 'x')),
  own: refusal(() => writeFileSync('made.txt', 'made inside\n')),
  told: await tell(),
};
console.log(JSON.stringify(seen));
await once(process.stdin, 'data');
process.exit(7);

/** `open`, or the code of the error. */
function attempt(target) {
  return new Promise((resolve) => {
    const socket = connect({ ...target, timeout: CONNECT_MS_MAX });
    const end = (how) => {
      socket.destroy();
      resolve(how);
    };
    socket.on('connect', () => end('open'));
    socket.on('timeout', () => end('silence'));
    socket.on('error', (error) => end(error.code));
  });
}

function refusal(act) {
  try {
    act();
    return 'done';
  } catch (error) {
    return error.code;
  }
}

/** Its own telemetry, as an agent's exporter sends it. */
async function tell() {
  const record = {
    timeUnixNano: `${Date.now()}000000`,
    eventName: 'prompt.submit',
    attributes: [{ key: 'agent.id', value: { stringValue: 'inside' } }],
  };
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
  const url = `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/logs`;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body });
  return { url, status: response.status };
}
