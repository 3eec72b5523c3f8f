/**
 * Sockets of the host that would be visible in what is bound in. A read-only mount does not keep
 * anyone from connecting to one, so each is covered. Owns nothing; looks only.
 */
import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { SOCKET_SEARCH_ENTRIES_MAX } from '@vitrine/schema';

export interface SocketSearch {
  sockets: string[];
  /** Directories that were not searched to the end. */
  unfinished: string[];
}

/** Looks through each directory, not following links; bounded for all together. */
export async function findSockets(directories: string[]): Promise<SocketSearch> {
  const found: SocketSearch = { sockets: [], unfinished: [] };
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

/** What cannot be opened here cannot be opened in the sandbox either, which has fewer rights. */
async function* entriesOf(directory: string): AsyncGenerator<Dirent> {
  try {
    for await (const entry of await opendir(directory, { bufferSize: 256 })) yield entry;
  } catch {
    // See above.
  }
}
