/** Files a command is given, read whole within a limit. */
import { createReadStream } from 'node:fs';
import { CliError, sentenceOf } from '../error.ts';
import { byteCount } from '../print/text.ts';

/** The bytes of `path`, or of standard input for `-`. */
export async function readInput(path: string, bytesMax: number): Promise<Buffer> {
  const stream = path === '-' ? process.stdin : createReadStream(path);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    const message = `${path} cannot be read: ${sentenceOf(cause)}`;
    throw new CliError('FILE_UNREADABLE', message, 'check the path', { cause });
  }
  if (bytes <= bytesMax) return Buffer.concat(chunks);
  const message = `${path} is larger than ${byteCount(bytesMax)}, the most a bundle may have`;
  throw new CliError('FILE_UNREADABLE', message, 'export less at once, or without parts');
}
