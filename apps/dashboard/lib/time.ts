/**
 * Unix nanoseconds in decimal text, as the API gives them, and lengths of time, as a person reads
 * them. Local time is shown; UTC is for titles and copies.
 */
const NS_DIGITS_PER_MS = 6;
const MS_PER_S = 1_000;
const S_PER_MIN = 60;
const S_PER_H = 3_600;
const S_PER_DAY = 86_400;

/** Milliseconds, with a fraction, of unix nanoseconds in decimal text; 0 for what is no time. */
export function msOf(ns: string): number {
  if (!/^\d{1,19}$/.test(ns)) return 0;
  if (ns.length <= NS_DIGITS_PER_MS) return Number(ns) / 1e6;
  const at = ns.length - NS_DIGITS_PER_MS;
  return Number(ns.slice(0, at)) + Number(ns.slice(at)) / 1e6;
}

/** `14:03:07.123` on the reader's clock; `—` where there is no time. */
export function clockText(ns: string): string {
  const date = dateOf(ns);
  if (date === undefined) return '—';
  const { hour, minute, second } = partsOf(date);
  return `${hour}:${minute}:${second}.${pad(date.getMilliseconds(), 3)}`;
}

/** `2026-11-23 14:03:07` on the reader's clock. */
export function dateTimeText(ns: string): string {
  const date = dateOf(ns);
  if (date === undefined) return '—';
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
  const { hour, minute, second } = partsOf(date);
  return `${day} ${hour}:${minute}:${second}`;
}

/** `2026-11-23T14:03:07.123456789Z`: all nine digits that the record has. */
export function utcText(ns: string): string {
  const date = dateOf(ns);
  if (date === undefined) return 'no time';
  const nanos = ns.padStart(9, '0').slice(-9);
  return `${date.toISOString().slice(0, 19)}.${nanos}Z`;
}

/** `2026-11-23T14:03:07.123Z`, for programs; empty where there is no time. */
export function isoOfNs(ns: string): string {
  return dateOf(ns)?.toISOString() ?? '';
}

/** `now`, `12 s ago`, `4 m ago`, `3 h ago`, `2 d ago`. */
export function ageText(ns: string, nowMs: number): string {
  if (dateOf(ns) === undefined) return '—';
  const seconds = Math.floor((nowMs - msOf(ns)) / MS_PER_S);
  if (seconds < 1) return 'now';
  if (seconds < S_PER_MIN) return `${seconds} s ago`;
  if (seconds < S_PER_H) return `${Math.floor(seconds / S_PER_MIN)} m ago`;
  if (seconds < S_PER_DAY) return `${Math.floor(seconds / S_PER_H)} h ago`;
  return `${Math.floor(seconds / S_PER_DAY)} d ago`;
}

/** `850 ms`, `4.2 s`, `4 m 10 s`, `3 h 20 m`, `2 d 4 h`. */
export function durationText(ms: number): string {
  if (ms < MS_PER_S) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / MS_PER_S;
  if (seconds < 10) return `${trimZero(seconds.toFixed(1))} s`;
  if (seconds < S_PER_MIN) return `${Math.floor(seconds)} s`;
  const whole = Math.floor(seconds);
  if (whole < S_PER_H) return `${Math.floor(whole / S_PER_MIN)} m ${whole % S_PER_MIN} s`;
  const minutes = Math.floor((whole % S_PER_H) / S_PER_MIN);
  if (whole < S_PER_DAY) return `${Math.floor(whole / S_PER_H)} h ${minutes} m`;
  const hours = Math.floor((whole % S_PER_DAY) / S_PER_H);
  return `${Math.floor(whole / S_PER_DAY)} d ${hours} h`;
}

function dateOf(ns: string): Date | undefined {
  const date = new Date(msOf(ns));
  return ns === '0' || !/^\d{1,19}$/.test(ns) || Number.isNaN(date.getTime()) ? undefined : date;
}

function partsOf(date: Date): { hour: string; minute: string; second: string } {
  return {
    hour: pad(date.getHours(), 2),
    minute: pad(date.getMinutes(), 2),
    second: pad(date.getSeconds(), 2),
  };
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
