/**
 * What a pasted text can mean. An EDR shows a process as host and pid, or its device id; everything
 * else is a name of ours. One text may mean several things: all of them are asked for.
 */
export type Reading =
  | { kind: 'process'; host: string; pid: number }
  | { kind: 'pid'; pid: number }
  | { kind: 'host'; host: string }
  | { kind: 'device'; device: string }
  | { kind: 'session'; session: string }
  | { kind: 'leaf'; log: string; index: number }
  | { kind: 'hash'; leaf: string }
  | { kind: 'rule'; rule: string }
  | { kind: 'alert'; id: string };

/** `kernel.pid_max` of 64-bit Linux; the API takes no larger one. */
const PID_MAX = 4_194_304;
const NAME_CHARS_MAX = 128;

/** The most telling reading first; empty for an empty text. */
export function recognise(pasted: string): Reading[] {
  const text = unquoted(pasted.trim());
  if (text === '' || text.length > NAME_CHARS_MAX * 2) return [];
  const certain = certainReading(text);
  if (certain !== undefined) return [certain];
  const readings = [pidReading(text), processOf(text), leafOf(text), ruleOf(text)].filter(
    (reading) => reading !== undefined,
  );
  if (/\s/.test(text)) return readings;
  readings.push(
    { kind: 'session', session: text },
    { kind: 'device', device: text },
    { kind: 'host', host: text },
  );
  return readings;
}

/** Forms that can be nothing else. */
function certainReading(text: string): Reading | undefined {
  if (/^alr_[0-9a-f]{32}$/i.test(text)) return { kind: 'alert', id: text.toLowerCase() };
  const named = namedReading(text);
  if (named !== undefined) return named;
  const leaf = hashOf(text);
  return leaf === undefined ? undefined : { kind: 'hash', leaf };
}

/** `host:NAME pid:4711`, in any order, one of them alone, and `device:ID` or `edr:ID`. */
function namedReading(text: string): Reading | undefined {
  const device = /^(?:device|edr|edr_device):(\S+)$/i.exec(text)?.[1];
  if (device !== undefined) return { kind: 'device', device };
  const host = /(?:^|\s)host:(\S+)/i.exec(text)?.[1];
  const digits = /(?:^|\s)pid:(\d{1,7})(?:\s|$)/i.exec(text)?.[1];
  const rest = text.replace(/(?:^|\s)(?:host:\S+|pid:\d{1,7})(?=\s|$)/gi, '').trim();
  if (host === undefined || rest !== '') return undefined;
  const pid = pidOf(digits);
  if (pid !== undefined) return { kind: 'process', host, pid };
  return digits === undefined ? { kind: 'host', host } : undefined;
}

function ruleOf(text: string): Reading | undefined {
  if (!/^[A-Za-z]{2,5}-\d{3}$/.test(text)) return undefined;
  return { kind: 'rule', rule: text.toUpperCase() };
}

function pidReading(text: string): Reading | undefined {
  const pid = pidOf(/^(?:pid[\s:=]*)?(\d{1,7})$/i.exec(text)?.[1]);
  return pid === undefined ? undefined : { kind: 'pid', pid };
}

/** `host:pid`, `host pid`, `host/pid`, `pid@host`, `host pid=4711`, `[::1]:4711`. */
function processOf(text: string): Reading | undefined {
  const host = /^\[?([^\s,;@/\]]+?)\]?(?:\s*[,;:/]\s*|\s+)(?:pid\s*[:=]?\s*)?(\d{1,7})$/i.exec(
    text,
  );
  const at = /^(?:pid\s*)?(\d{1,7})@([^\s@]+)$/i.exec(text);
  const [name, digits] = host !== null ? [host[1], host[2]] : [at?.[2], at?.[1]];
  const pid = pidOf(digits);
  return name === undefined || pid === undefined ? undefined : { kind: 'process', host: name, pid };
}

/** `default.0.1/239`: the name of a log, and an index in it. */
function leafOf(text: string): Reading | undefined {
  const match = /^([a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)+)\/(\d{1,15})$/i.exec(text);
  return match === null ? undefined : { kind: 'leaf', log: match[1]!, index: Number(match[2]) };
}

/** Base64 of 32 bytes, or 64 hex digits, as base64. */
function hashOf(text: string): string | undefined {
  if (/^[A-Za-z0-9+/]{43}=$/.test(text)) return text;
  if (!/^[0-9a-f]{64}$/i.test(text)) return undefined;
  const bytes = text.match(/../g)!.map((pair) => String.fromCharCode(Number.parseInt(pair, 16)));
  return btoa(bytes.join(''));
}

function pidOf(digits: string | undefined): number | undefined {
  const pid = Number(digits ?? Number.NaN);
  return pid >= 1 && pid <= PID_MAX ? pid : undefined;
}

function unquoted(text: string): string {
  return /^(["'`]).*\1$/s.test(text) ? text.slice(1, -1).trim() : text;
}
