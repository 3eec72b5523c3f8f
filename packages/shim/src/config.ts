/**
 * What the processes of this package are told by their environment, and what the agent gets of it.
 */
import type { Grant } from '@vitrine/schema';
import { ShimError } from './error.ts';

/** The one variable that carries a process's own settings, as JSON. */
export const SETTINGS_VARIABLE = 'VITRINE_SETTINGS';

/** Settings for a child process of ours; throws CONFIG_INVALID. */
export function readSettings(): Record<string, unknown> {
  const text = process.env[SETTINGS_VARIABLE];
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Said below.
  }
  const message = `${SETTINGS_VARIABLE} is no JSON object`;
  throw new ShimError('CONFIG_INVALID', message, 'this program is started by `vitrine run`');
}

export function textSetting(settings: Record<string, unknown>, name: string): string {
  const value = settings[name];
  if (typeof value === 'string') return value;
  throw new ShimError('CONFIG_INVALID', `${SETTINGS_VARIABLE}: ${name} is no text`);
}

export function textsSetting(settings: Record<string, unknown>, name: string): string[] {
  const value = settings[name] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new ShimError('CONFIG_INVALID', `${SETTINGS_VARIABLE}: ${name} is no list of texts`);
}

/** `grants`: as in the session's description; none when it is left out. */
export function grantsSetting(settings: Record<string, unknown>): Grant[] {
  const value = settings.grants ?? [];
  if (Array.isArray(value) && value.every(isGrant)) return value;
  throw new ShimError('CONFIG_INVALID', `${SETTINGS_VARIABLE}: grants is no list of grants`);
}

function isGrant(value: unknown): value is Grant {
  const { path, mode } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof path === 'string' && (mode === 'ro' || mode === 'rw' || mode === 'rw_no_delete');
}

/** What a program needs to find others and a terminal; nothing else of the user's is handed on. */
const HANDED_ON = /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TERM|COLORTERM|NO_COLOR)$/;

export interface HostEnvironment {
  /** Variables the agent gets of the user's environment. */
  handedOn: Record<string, string>;
  path: string;
  home: string;
  user: string | undefined;
}

export function hostEnvironment(): HostEnvironment {
  const handedOn: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && HANDED_ON.test(name)) handedOn[name] = value;
  }
  const { PATH = '/usr/bin:/bin', HOME = '/', USER } = process.env;
  return { handedOn, path: PATH, home: HOME, user: USER };
}

/** Where programs are looked for. */
export function programPath(): string {
  return process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin';
}

/** A variable of the user's own, named by them; `undefined` when it is not set. */
export function namedVariable(name: string): string | undefined {
  return process.env[name];
}
