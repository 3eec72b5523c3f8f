/**
 * Runs inside the sandbox, before anything of the agent: leads loopback ports to the sockets that
 * are bound in, then starts the command with the environment it was given, and ends as it
 * ends. Uses Node alone. Its own environment has one variable of ours and nothing of the user's,
 * so that no NODE_OPTIONS of theirs runs code here.
 *
 * Settings, as JSON in VITRINE_FORWARD: {command, cwd?, env, otlp: {port, socket}, otlpGrpc?:
 * {port, socket}, proxy: {port, socket} | null, caFile}. Port 0 takes a free one.
 */
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { constants } from 'node:os';

const EXIT_NOT_FOUND = 127;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_SIGNAL = 128;
const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'];

const settings = JSON.parse(process.env.VITRINE_FORWARD ?? '{}');
delete process.env.VITRINE_FORWARD;

const otlpPort = await listen(settings.otlp);
if (settings.otlpGrpc !== undefined) await listen(settings.otlpGrpc);
const proxyPort = settings.proxy === null ? undefined : await listen(settings.proxy);
start();

/** Leads every connection of a loopback port to a Unix socket. */
function listen({ port, socket }) {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: socket, allowHalfOpen: true });
    near.pipe(far).pipe(near);
    const end = () => {
      near.destroy();
      far.destroy();
    };
    near.on('error', end);
    far.on('error', end);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.maxConnections = settings.connectionsMax;
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server.address().port));
  });
}

/** Each of these is the name by which some client looks for its proxy or its authorities. */
function addressed() {
  const otlp = `http://127.0.0.1:${otlpPort}`;
  const found = {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    VITRINE_OTLP: otlp,
    VITRINE_HOOKS: `${otlp}/v1/hooks/claude-code`,
  };
  if (proxyPort === undefined) return found;
  const proxy = `http://127.0.0.1:${proxyPort}`;
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) {
    found[name] = proxy;
    found[name.toLowerCase()] = proxy;
  }
  for (const name of ['NO_PROXY', 'no_proxy']) found[name] = '127.0.0.1,localhost,::1';
  const authorities = [
    'NODE_EXTRA_CA_CERTS',
    'SSL_CERT_FILE',
    'CURL_CA_BUNDLE',
    'REQUESTS_CA_BUNDLE',
    'GIT_SSL_CAINFO',
    'AWS_CA_BUNDLE',
    'DENO_CERT',
  ];
  for (const name of authorities) found[name] = settings.caFile;
  found.NODE_USE_ENV_PROXY = '1';
  return found;
}

function start() {
  const [program, ...rest] = settings.command;
  const child = spawn(program, rest, {
    stdio: 'inherit',
    // What the caller sets wins: a command may know better where its telemetry goes.
    env: { ...addressed(), ...settings.env },
    ...(settings.cwd === undefined ? {} : { cwd: settings.cwd }),
  });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`vitrine: ${program} cannot be run (${error.code ?? error.message})\n`);
    process.exit(error.code === 'ENOENT' ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? EXIT_SIGNAL + (constants.signals[signal] ?? 0));
  });
}
