/**
 * Finds the Node that came with the packages and runs a program under it. Plain JavaScript for any
 * Node since 16: this is what runs before it is known that Node is new enough for the rest.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

/** From 22.18 on Node runs TypeScript as it is. */
const NODE_FLOOR = [22, 18];

export function isModern(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1]);
}

/** The path of the packaged Node for this machine, or `null` where none is installed. */
export function packagedNode(platform = process.platform, arch = process.arch) {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(`node-${platform}-${arch}/package.json`);
    const node = join(dirname(manifest), 'bin', 'node');
    return existsSync(node) ? node : null;
  } catch {
    return null;
  }
}

/** The Node to run everything under: the packaged one, else this one if it is new enough. */
export function usableNode() {
  return packagedNode() ?? (isModern(process.version) ? process.execPath : null);
}

export function tooOldMessage() {
  return (
    `error NODE_TOO_OLD: Vitrine needs Node 22.18 or newer, this is ${process.version}\n` +
    '  hint: run npm ci (it brings Node 24 on Linux), or install Node 24 and try again'
  );
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const SIGNAL_EXIT_BASE = 128;

/** Runs `command` on this terminal, hands signals on, and resolves with its exit code. */
export function runUnder(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const forward = (signal) => child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of FORWARDED) process.removeListener(name, forward);
      resolve(code === null ? SIGNAL_EXIT_BASE + (constants.signals[signal] ?? 0) : code);
    });
  });
}
