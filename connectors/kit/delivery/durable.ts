/** Files of a delivery that survive a power cut: replaced whole, or grown line by line. */
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

const PRIVATE_MODE = 0o600;

/** One writer for each path: the temporary name is fixed, so a crash leaves at most one behind. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', PRIVATE_MODE);
  try {
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Lines appended one after the other, each durable when its promise resolves. */
export class LineFile {
  readonly #file: FileHandle;
  /** Bytes that are known to be durable; a torn write is cut back to here. */
  #bytes: number;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Cuts what is behind the last line break: it was never acknowledged. */
  static async open(path: string): Promise<{ file: LineFile; lines: string[] }> {
    const handle = await open(path, 'a+', PRIVATE_MODE);
    const text = await handle.readFile('utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const bytes = Buffer.byteLength(whole);
    await handle.truncate(bytes);
    await syncDirectory(dirname(path));
    return { file: new LineFile(handle, bytes), lines: whole.split('\n').slice(0, -1) };
  }

  append(line: string): Promise<void> {
    const written = this.#last.then(() => this.#write(Buffer.from(`${line}\n`, 'utf8')));
    this.#last = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  async #write(bytes: Buffer): Promise<void> {
    try {
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
    } catch (error) {
      await this.#file.truncate(this.#bytes).catch(() => {});
      throw error;
    }
    this.#bytes += bytes.length;
  }
}
