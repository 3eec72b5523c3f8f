/**
 * Reads a message of RFC 5424 §6 character by character, the way a receiver does: shares nothing
 * with the code that writes it. Throws where the text is not one.
 */
export interface SyslogMessage {
  facility: number;
  severity: number;
  time: string;
  hostname: string;
  appName: string;
  processId: string;
  messageId: string;
  /** By SD-ID. */
  data: Record<string, Record<string, string>>;
  message: string;
}

/** §6: what each field may be made of, and how long. */
const HEADER = new RegExp(
  '^<(\\d|[1-9]\\d|1[0-8]\\d|19[01])>1 ' +
    '(-|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?(?:Z|[+-]\\d\\d:\\d\\d)) ' +
    '([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) ',
);
/** §6.3.2 and §6.3.3: no `=`, space, `]` or `"`. */
const SD_NAME = /^[!#-<>-\\^-~]{1,32}$/;

export function readSyslog(text: string): SyslogMessage {
  const header = HEADER.exec(text);
  if (header === null) throw new Error(`no header: ${text.slice(0, 80)}`);
  const [whole, priority, time, hostname, appName, processId, messageId] = header;
  const { data, end } = readData(text, whole.length);
  if (end < text.length && text[end] !== ' ') throw new Error('no space before the message');
  return {
    facility: Math.floor(Number(priority) / 8),
    severity: Number(priority) % 8,
    ...{ time: time!, hostname: hostname!, appName: appName!, processId: processId! },
    messageId: messageId!,
    data,
    message: text.slice(end + 1),
  };
}

/** `-`, or elements one after another. */
function readData(text: string, from: number): { data: SyslogMessage['data']; end: number } {
  if (text[from] === '-') return { data: {}, end: from + 1 };
  const data: SyslogMessage['data'] = {};
  let at = from;
  while (text[at] === '[') {
    const idEnd = endOf(text, at + 1, ' ]');
    const id = named(text.slice(at + 1, idEnd));
    if (Object.hasOwn(data, id)) throw new Error(`${id} stands twice`);
    const element: Record<string, string> = {};
    at = idEnd;
    while (text[at] === ' ') {
      const equals = endOf(text, at + 1, '=');
      const name = named(text.slice(at + 1, equals));
      if (text[equals + 1] !== '"') throw new Error(`${name} has no value`);
      const { value, end } = readValue(text, equals + 2);
      element[name] = value;
      at = end;
    }
    if (text[at] !== ']') throw new Error(`${id} does not end`);
    at += 1;
    data[id] = element;
  }
  if (at === from) throw new Error('no structured data');
  return { data, end: at };
}

/** §6.3.3: a backslash escapes `"`, `\` and `]`, which may not stand alone. */
function readValue(text: string, from: number): { value: string; end: number } {
  let value = '';
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"') return { value, end: at + 1 };
    if (character === ']') throw new Error('a bracket that nothing escapes');
    if (character === '\\' && /["\\\]]/.test(text[at + 1] ?? '')) value += text[++at];
    else value += character;
  }
  throw new Error('a value that does not end');
}

function endOf(text: string, from: number, marks: string): number {
  for (let at = from; at < text.length; at += 1) if (marks.includes(text[at]!)) return at;
  throw new Error(`no ${marks} after ${from}`);
}

function named(name: string): string {
  if (!SD_NAME.test(name)) throw new Error(`no SD-NAME: ${name}`);
  return name;
}
