/**
 * Sockets of the host that would be visible in what is bound in. A read-only mount does not keep
 * anyone from connecting to one, so each is covered. Owns nothing; looks only.
 */
import { type Dirent, readFileSync, statSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { SOCKET_SEARCH_ENTRIES_MAX } from '@vitrine/schema';
import { isWithin } from './grant.ts';

export interface SocketSearch {
  sockets: string[];
  /** Directories that were not searched to the end. */
  unfinished: string[];
}

/** Looks through each directory, not following links; bounded for all together. */
export async function findSockets(directories: string[]): Promise<SocketSearch> {
  const found: SocketSearch = { sockets: mountedSockets(directories), unfinished: [] };
  let left = SOCKET_SEARCH_ENTRIES_MAX;
  for (const top of directories) {
    const waiting = [top];
    while (waiting.length > 0 && left > 0) {
      const directory = waiting.pop()!;
      for await (const entry of entriesOf(directory)) {
        left--;
        if (entry.isDirectory()) waiting.push(join(directory, entry.name));
        else if (entry.isSocket()) found.sockets.push(join(directory, entry.name));
        if (left <= 0) break;
      }
    }
    if (left <= 0) found.unfinished.push(top);
  }
  return found;
}

/** A socket that is mounted over a file looks like that file in its directory. */
function mountedSockets(directories: string[]): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, unescaped))
    .filter((path) => path !== '' && directories.some((top) => isWithin(path, top)))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isSocket() === true);
}

/** proc(5): space, tab, newline and backslash are octal. */
function unescaped(_: string, octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}

/** What cannot be opened here cannot be opened in the sandbox either, which has fewer rights. */
async function* entriesOf(directory: string): AsyncGenerator<Dirent> {
  try {
    for await (const entry of await opendir(directory, { bufferSize: 256 })) yield entry;
  } catch {
    // See above.
  }
}
