/**
 * The real Claude Code for the corpus, if it is installed, with a stand-in for its model: what it
 * does is scripted (`claude/*.json`), what it says of it is its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claudeCodeSettings, INSIDE, INSIDE_OTLP } from '@vitrine/shim';
import { RunAuthority } from '@vitrine/shim/certificate';
import {
  type InstalledClaude,
  installedClaude,
} from '../../../apps/cli/src/demo/claude-code/install.ts';
import { type Model, startModel } from '../../../apps/cli/src/demo/claude-code/model.ts';
import { readScript } from '../../../apps/cli/src/demo/claude-code/script.ts';

const SCRIPTS = fileURLToPath(new URL('claude/', import.meta.url));
const MODEL_HOST = 'model.example';
const CREDENTIAL = 'ANTHROPIC_API_KEY';
/** Of its session. */
export const CLAUDE_KEY = { [CREDENTIAL]: 'sk-stand-in-7d20c9b46e15' };
const ALLOWED = ['Read', 'Write', 'Edit', 'Glob', 'Grep', 'Agent', 'Bash'];
const QUIET = {
  ANTHROPIC_BASE_URL: `https://${MODEL_HOST}`,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
};
const PROJECT = {
  'add.mjs': 'export const add = (a, b) => a - b;\n',
  'add.test.mjs': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add } from './add.mjs';
test('adds', () => assert.equal(add(1, 2), 3));
`,
  'README.md': '# add\n\nAdds two numbers.\n',
};

export class ClaudeStage {
  readonly #dir: string;
  readonly #installed: InstalledClaude | undefined;
  readonly #authority: RunAuthority;
  readonly #models: Model[] = [];

  private constructor(dir: string, installed: InstalledClaude | undefined, ca: RunAuthority) {
    this.#dir = dir;
    this.#installed = installed;
    this.#authority = ca;
  }

  static async open(dir: string, say: (line: string) => void): Promise<ClaudeStage> {
    mkdirSync(dir, { recursive: true });
    const installed = installedClaude();
    if (installed === undefined) {
      say('Claude Code is not installed: npm run demo -- --agent claude-code does it');
    }
    return new ClaudeStage(dir, installed, await RunAuthority.create(Date.now()));
  }

  /** Names of what it can be asked to do. */
  get tasks(): string[] {
    if (this.#installed === undefined) return [];
    return readdirSync(SCRIPTS).map((name) => `claude-${name.replace(/\.json$/, '')}`);
  }

  /** The words behind `vitrine run`, of a task in a workspace that is filled here. */
  async words(task: string, workspace: string): Promise<string[]> {
    const { dir, program } = this.#installed!;
    for (const [name, text] of Object.entries(PROJECT)) writeFileSync(join(workspace, name), text);
    git(workspace, 'init', '-q', '-b', 'main');
    git(workspace, 'add', '.');
    git(
      workspace,
      '-c',
      'user.name=dev',
      '-c',
      'user.email=dev@example.com',
      'commit',
      '-qm',
      'add',
    );
    const path = join(SCRIPTS, `${task.replace(/^claude-/, '')}.json`);
    const script = readScript({ WORKSPACE: workspace, NODE: INSIDE.node }, path);
    const model = await startModel(script, this.#authority);
    this.#models.push(model);
    const caFile = join(this.#dir, 'ca.pem');
    writeFileSync(caFile, this.#authority.certificate);
    const command = [INSIDE.node, INSIDE.hook];
    const settings = claudeCodeSettings({ otlp: INSIDE_OTLP, command, token: false });
    const settingsDir = join(this.#dir, 'settings');
    mkdirSync(settingsDir, { recursive: true });
    const file = join(settingsDir, 'claude-code.json');
    writeFileSync(file, JSON.stringify({ ...settings, env: { ...settings.env, ...QUIET } }));
    return [
      ...['--workspace', workspace, '--ro', dir, '--ro', settingsDir],
      ...['--host', `${MODEL_HOST}=127.0.0.1:${model.port}`, '--upstream-ca', caFile],
      ...['--credential', CREDENTIAL],
      ...['--', program, '-p', script[0]!.prompt, '--settings', file],
      ...['--allowedTools', ALLOWED.join(',')],
    ];
  }

  async close(): Promise<void> {
    await Promise.all(this.#models.map((model) => model.close()));
  }
}

function git(cwd: string, ...args: string[]): void {
  const { status, stderr } = spawnSync('git', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
}
