/** The header of RFC 5424, in which nothing that an alert says can end a field. */

/** RFC 5424 §6.2.1, table 1; 13 to 15 by what they are for. */
export const FACILITIES = {
  user: 1,
  daemon: 3,
  auth: 4,
  authpriv: 10,
  audit: 13,
  alert: 14,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

/** RFC 5424 §6. */
export const HEADER_CHARS_MAX = { hostname: 255, appName: 48, messageId: 32 } as const;

const FACILITY_SHIFT = 8;
const NIL = '-';

export interface Header {
  facility: keyof typeof FACILITIES;
  /** 0 to 7. */
  severity: number;
  /** Unix milliseconds: QRadar wants three digits. */
  timeMs: number;
  hostname: string;
  appName: string;
  /** Any text. */
  messageId: string;
  /** SD-ID, and parameters of any text. */
  data: { id: string; parameters: Record<string, string> };
}

/** Ends with the space in front of the message. PROCID is never told. */
export function syslogHeader(header: Header): string {
  const { facility, severity, timeMs, hostname, appName, messageId, data } = header;
  const priority = FACILITIES[facility] * FACILITY_SHIFT + severity;
  const time = new Date(timeMs).toISOString();
  const id = headerWord(messageId, HEADER_CHARS_MAX.messageId);
  const pairs = Object.entries(data.parameters).map(([name, value]) => {
    return `${name}="${parameterValue(value)}"`;
  });
  const element = `[${[data.id, ...pairs].join(' ')}]`;
  return `<${priority}>1 ${time} ${hostname} ${appName} ${NIL} ${id} ${element} `;
}

/** PRINTUSASCII; anything else becomes `?`. */
function headerWord(text: string, charsMax: number): string {
  return text.replace(/[^!-~]/g, '?').slice(0, charsMax) || NIL;
}

/** RFC 5424 §6.3.3: `"`, `\` and `]` are escaped. Controls would end a message elsewhere. */
function parameterValue(text: string): string {
  const seen = text.toWellFormed().replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, '\ufffd');
  return seen.replace(/["\\\]]/g, '\\$&');
}
