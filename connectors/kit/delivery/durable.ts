/** Files of a delivery that survive a power cut: replaced whole, or grown line by line. */
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

const PRIVATE_MODE = 0o600;
const LINE_FEED = 0x0a;

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
  /** Something may stand behind them that no line may be joined to. */
  #torn = false;

  private constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Cuts what is behind the last line break: it was never acknowledged. */
  static async open(path: string): Promise<{ file: LineFile; lines: string[] }> {
    const handle = await open(path, 'a+', PRIVATE_MODE);
    const found = await handle.readFile();
    const whole = found.subarray(0, found.lastIndexOf(LINE_FEED) + 1);
    await handle.truncate(whole.length);
    await syncDirectory(dirname(path));
    const lines = whole.toString('utf8').split('\n').slice(0, -1);
    return { file: new LineFile(handle, whole.length), lines };
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
    if (this.#torn) await this.#cut();
    this.#torn = true;
    try {
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
    } catch (error) {
      await this.#cut().catch(() => {});
      throw error;
    }
    this.#torn = false;
    this.#bytes += bytes.length;
  }

  async #cut(): Promise<void> {
    await this.#file.truncate(this.#bytes);
    this.#torn = false;
  }
}
