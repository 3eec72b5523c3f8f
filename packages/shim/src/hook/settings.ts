/**
 * The settings of Claude Code with which everything it can say of itself comes here: a hook for
 * each event that has something of its own, and its telemetry.
 */
import { fileURLToPath } from 'node:url';
import { ASKED_HOOKS, HOOK_MS_MAX, HOOK_PATH } from '@vitrine/schema';
import { INSIDE_OTLP_PORT } from '../sandbox/bwrap.ts';

/** The hook command, as a file that needs nothing but Node. */
export const HOOK_SCRIPT = fileURLToPath(new URL('hook.mjs', import.meta.url));

/** Where OTLP/HTTP is taken inside every sandbox of `vitrine run`. */
export const INSIDE_OTLP = `http://127.0.0.1:${INSIDE_OTLP_PORT}`;
/**
 * Claude Code goes on without an answer after that, in seconds, and takes fractions. What it has
 * sent by then is taken all the same.
 */
const HTTP_SECONDS_MAX = HOOK_MS_MAX / 1_000;
/** Nobody waits for these: a Node that starts slowly, as under strace, still gets through. */
const COMMAND_SECONDS_MAX = 10;
const COMMAND_MS_MAX = '8000';
/** Claude Code sends these to commands only. */
const COMMAND_HOOKS = ['SessionStart', 'Setup'];
const TOKEN = 'VITRINE_TOKEN';
/** Claude Code exports this often; on an ordinary exit it sends what is left. */
const EXPORT_MS = '1000';

/** Claude Code's own switches, without which it sends nothing (its docs, "Monitoring"). */
export const TELEMETRY_SWITCHES: Readonly<Record<string, string>> = {
  CLAUDE_CODE_ENABLE_TELEMETRY: '1',
  CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1',
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_TRACES_EXPORTER: 'otlp',
};

export interface HookTarget {
  /** Base URL of OTLP/HTTP; hooks go to the same port. */
  otlp: string;
  /** Node and the script, for the hooks that are sent to commands only. */
  command: string[];
  /** The receiver asks for a token: it is taken from the environment, as VITRINE_TOKEN. */
  token: boolean;
}

interface Hook {
  type: 'http' | 'command';
  url?: string;
  command?: string;
  /** Claude Code goes on at once. */
  async?: true;
  headers?: Record<string, string>;
  allowedEnvVars?: string[];
  timeout: number;
}

export interface HookSettings {
  env: Record<string, string>;
  hooks: Record<string, { hooks: Hook[] }[]>;
}

/**
 * HTTP hooks, for they start no program: under strace a Node takes half a second to start, and the
 * kernel's view would be full of hooks.
 */
export function claudeCodeSettings(target: HookTarget): HookSettings {
  const { otlp } = target;
  return {
    env: {
      ...TELEMETRY_SWITCHES,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
      OTEL_LOGS_EXPORT_INTERVAL: EXPORT_MS,
      OTEL_TRACES_EXPORT_INTERVAL: EXPORT_MS,
      // Content comes with the hooks in any case; with these both ways say the same.
      OTEL_LOG_USER_PROMPTS: '1',
      OTEL_LOG_TOOL_DETAILS: '1',
      VITRINE_OTLP: otlp,
    },
    hooks: Object.fromEntries(
      ASKED_HOOKS.map((name) => [name, [{ hooks: [hookOf(name, target)] }]]),
    ),
  };
}

function hookOf(name: string, { otlp, command, token }: HookTarget): Hook {
  if (COMMAND_HOOKS.includes(name)) {
    const line = [...command, COMMAND_MS_MAX].map(shellWord).join(' ');
    return { type: 'command', command: line, async: true, timeout: COMMAND_SECONDS_MAX };
  }
  const hook: Hook = { type: 'http', url: otlp + HOOK_PATH, timeout: HTTP_SECONDS_MAX };
  if (token) {
    hook.headers = { Authorization: `Bearer $${TOKEN}` };
    hook.allowedEnvVars = [TOKEN];
  }
  return hook;
}

/** A command is run by `sh`. */
function shellWord(text: string): string {
  return /^[\w./+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
