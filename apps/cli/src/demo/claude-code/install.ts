/**
 * The real Claude Code, of one exact version, in a cache outside the project: it is nobody's
 * dependency and is run in the sandbox only. Installed by npm, without running scripts of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../config.ts';
import { CliError } from '../../error.ts';

/** The version of the recordings in test/vectors/claude-code. */
export const CLAUDE_CODE_VERSION = '2.1.330';
const PACKAGE = '@anthropic-ai/claude-code';
/** What it takes on disk, and about what is fetched for it. */
export const INSTALLED = '360 MB';
/** npm's own last lines that are shown when it fails. */
const SHOWN_LINES_MAX = 5;

export interface InstalledClaude {
  /** Directory that the sandbox must be able to read. */
  dir: string;
  /** The program itself. */
  program: string;
}

/** `undefined` when it is not there yet. */
export function installedClaude(): InstalledClaude | undefined {
  const dir = join(cacheDir(), `claude-code-${CLAUDE_CODE_VERSION}`);
  const program = programIn(dir);
  return existsSync(program) ? { dir, program } : undefined;
}

/** Takes what is there, else installs it. `say` gets progress, a line at a time. */
export async function installClaude(
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<InstalledClaude> {
  const before = installedClaude();
  if (before !== undefined) return before;
  const dir = join(cacheDir(), `claude-code-${CLAUDE_CODE_VERSION}`);
  // Under another name until it is whole: an interrupted install is never taken for one.
  const partial = `${dir}.partial-${process.pid}`;
  say(`installing ${PACKAGE} ${CLAUDE_CODE_VERSION} (${INSTALLED}) into ${dir}`);
  mkdirSync(partial, { recursive: true });
  const started = Date.now();
  const tick = setInterval(() => {
    say(`still installing, ${Math.round((Date.now() - started) / 1_000)} s`);
  }, 5_000);
  try {
    await npmInstall(partial, signal);
    rmSync(dir, { recursive: true, force: true });
    renameSync(partial, dir);
  } finally {
    clearInterval(tick);
    rmSync(partial, { recursive: true, force: true });
  }
  const after = installedClaude();
  if (after === undefined) {
    const message = `${PACKAGE} has no program for ${process.platform} ${process.arch}`;
    throw new CliError('DEMO_FAILED', message, 'the other demonstration runs everywhere');
  }
  return after;
}

function programIn(dir: string): string {
  const platform = `claude-code-${process.platform}-${process.arch}`;
  return join(dir, 'node_modules', '@anthropic-ai', platform, 'claude');
}

async function npmInstall(prefix: string, signal: AbortSignal): Promise<void> {
  const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error'];
  const args = ['install', '--prefix', prefix, ...flags, `${PACKAGE}@${CLAUDE_CODE_VERSION}`];
  const child = spawn('npm', args, { cwd: prefix, stdio: ['ignore', 'ignore', 'pipe'], signal });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  let code: unknown;
  try {
    [code] = await once(child, 'close');
  } catch (cause) {
    throw failed('npm cannot be started', cause);
  }
  if (code === 0) return;
  const last = errors.trim().split('\n').slice(-SHOWN_LINES_MAX).join('\n');
  throw failed(`npm ended with ${String(code)}:\n${last}`);
}

function failed(why: string, cause?: unknown): CliError {
  const message = `${PACKAGE} ${CLAUDE_CODE_VERSION} was not installed: ${why}`;
  return new CliError('DEMO_FAILED', message, 'is the npm registry within reach?', { cause });
}
