/**
 * Where a command writes to. Results go to `out`, everything said about them to `err`, so that a
 * pipe gets the result alone. Tests hand in their own.
 */
import { styleText } from 'node:util';

export interface Io {
  /** One line of the result. */
  out(line: string): void;
  /** Bytes of the result as they are; resolves when they were taken. */
  write(bytes: Uint8Array): Promise<void>;
  /** One line about the work: progress, notices, errors. */
  err(line: string): void;
  /** Replaces the line being shown on a terminal; says nothing elsewhere. */
  progress(line: string): void;
  /** A person reads the result: columns are aligned and times are local. */
  tty: boolean;
  columns: number;
  strong(text: string): string;
  faint(text: string): string;
  alarm(text: string): string;
}

/** Also for terminals that say 0. */
const COLUMNS_DEFAULT = 100;

export function processIo(): Io {
  const { stdout, stderr } = process;
  // A reader that leaves early (`| head`) ends the command without a complaint.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write('\r\x1b[K');
    shown = false;
  };
  // styleText leaves colour out where NO_COLOR is set or stdout is no terminal.
  const style = (format: 'bold' | 'dim' | 'red') => (text: string) =>
    stdout.isTTY ? styleText(format, text, { stream: stdout }) : text;
  return {
    out(line) {
      clear();
      stdout.write(`${line}\n`);
    },
    write(bytes) {
      clear();
      return new Promise((resolve, reject) => {
        stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
    },
    err(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    progress(line) {
      if (!stderr.isTTY) return;
      clear();
      stderr.write(line.slice(0, (stderr.columns || COLUMNS_DEFAULT) - 1));
      shown = true;
    },
    tty: stdout.isTTY === true,
    columns: stdout.columns || COLUMNS_DEFAULT,
    strong: style('bold'),
    faint: style('dim'),
    alarm: style('red'),
  };
}

/** One JSON document, indented for a person and on one line for a program. */
export function printJson(io: Io, value: unknown): void {
  const text = JSON.stringify(value, null, io.tty ? 2 : undefined);
  io.out(escapeControls(text));
}

/** One JSON document per line, whoever reads. */
export function printJsonLine(io: Io, value: unknown): void {
  io.out(escapeControls(JSON.stringify(value)));
}

/** A row in a dialect of another tool: JSON, or a line of text as it is. */
export function printForeignLine(io: Io, item: object | string): void {
  io.out(escapeControls(typeof item === 'string' ? item : JSON.stringify(item)));
}

/** JSON.stringify leaves DEL and the C1 controls as they are; a terminal would obey them. */
function escapeControls(json: string): string {
  return json.replace(/[\x7f-\x9f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
}
