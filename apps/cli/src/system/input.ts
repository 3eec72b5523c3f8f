/** Files a command is given, read whole within a limit. */
import { open } from 'node:fs/promises';
import { CliError, sentenceOf } from '../error.ts';
import { byteCount } from '../print/text.ts';

/** The bytes of `path`, or of standard input for `-`. */
export async function readInput(path: string, bytesMax: number): Promise<Buffer> {
  let bytes: Buffer | undefined;
  try {
    bytes = await (path === '-' ? readStandardInput(bytesMax) : readFile(path, bytesMax));
  } catch (cause) {
    const message = `${path} cannot be read: ${sentenceOf(cause)}`;
    throw new CliError('FILE_UNREADABLE', message, 'check the path', { cause });
  }
  if (bytes !== undefined) return bytes;
  const message = `${path} is larger than ${byteCount(bytesMax)}, the most a bundle may have`;
  throw new CliError('FILE_UNREADABLE', message, 'export less at once, or without parts');
}

/** In one piece: gathering pieces would hold a large file twice. `undefined` beyond the limit. */
async function readFile(path: string, bytesMax: number): Promise<Buffer | undefined> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    // A pipe says no size.
    if (!stat.isFile()) return await gather(file.createReadStream({ autoClose: false }), bytesMax);
    if (stat.size > bytesMax) return undefined;
    const bytes = Buffer.allocUnsafeSlow(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

function readStandardInput(bytesMax: number): Promise<Buffer | undefined> {
  return gather(process.stdin, bytesMax);
}

async function gather(
  stream: AsyncIterable<Buffer>,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
