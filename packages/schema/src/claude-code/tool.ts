/**
 * What a tool call is about, in the few words that may stand in the clear: a path, a program, a
 * host, a kind of agent. The input itself is a part.
 */
import { isObject } from '../json.ts';
import { FIELD_CHARS_MAX } from '../limits.ts';
import type { Members } from './members.ts';

const MCP_NAME = /^mcp__(.+?)__/;
/** A value in a shell command: quoted or escaped spaces do not end it. */
const VALUE = `(?:'[^']*'|"(?:\\\\[^]|[^"\\\\])*"|\\\\[^]|[^\\s'"\\\\])*`;
/** The program of a shell command, behind the variables that are set for it. */
const PROGRAM = new RegExp(`^\\s*(?:\\w+=${VALUE}\\s+)*([\\w./+-]+)`);
/** Behind it no host goes on. */
const URL_IN_COMMAND = /\bhttps?:\/\/[^\s'"`|;&<>()$\\]{1,2000}/;
/** Attributes hold at most this much JSON; what is cut there is no JSON any more. */
const INPUT_CHARS_MAX = 4 * FIELD_CHARS_MAX;

/** `input`: the tool's arguments, as an object or as its JSON text. */
export function describeTool(members: Members, name: unknown, input: unknown): void {
  const server = typeof name === 'string' ? MCP_NAME.exec(name)?.[1] : undefined;
  if (server !== undefined) members.words('tool.server', server);
  const given = typeof input === 'string' ? parsed(input) : input;
  if (!isObject(given)) return;
  members.words('tool.path', given.file_path ?? given.notebook_path ?? given.path);
  members.words('tool.program', given.bash_command ?? programOf(given.command));
  members.words('tool.host', hostOf(given.url) ?? hostIn(given.command));
  members.words('tool.subagent_type', given.subagent_type);
  members.words('tool.skill', given.skill ?? given.skill_name);
}

function parsed(text: string): unknown {
  if (text.length > INPUT_CHARS_MAX) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function programOf(command: unknown): string | undefined {
  if (typeof command !== 'string') return undefined;
  return PROGRAM.exec(command.slice(0, FIELD_CHARS_MAX))?.[1];
}

function hostOf(url: unknown): string | undefined {
  if (typeof url !== 'string') return undefined;
  return URL.canParse(url) ? new URL(url).host : undefined;
}

/** Of the first URL in a shell command. */
function hostIn(command: unknown): string | undefined {
  if (typeof command !== 'string') return undefined;
  return hostOf(URL_IN_COMMAND.exec(command.slice(0, FIELD_CHARS_MAX))?.[0]);
}
