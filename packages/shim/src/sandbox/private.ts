/**
 * Files of the host's system directories that are not for everyone: host keys, password hashes,
 * rules of sudo. bubblewrap takes capabilities away, not ownership, so what root starts could read
 * all of them inside. Owns nothing; looks only.
 */
import { type Dirent, lstatSync, type Stats } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { SOCKET_SEARCH_ENTRIES_MAX } from '@vitrine/schema';

export interface PrivatePath {
  path: string;
  isDirectory: boolean;
}

export interface PrivateSearch {
  found: PrivatePath[];
  /** Directories too large to be searched to the end. */
  unfinished: string[];
}

const OTHERS_READ = 0o004;
const OTHERS_ENTER = 0o001;

/** Looks through each directory, not following links; nothing below what is private itself. */
export async function findPrivate(
  directories: string[],
  entriesMax = SOCKET_SEARCH_ENTRIES_MAX,
): Promise<PrivateSearch> {
  const search: PrivateSearch = { found: [], unfinished: [] };
  for (const top of directories) {
    let left = entriesMax;
    const waiting = [top];
    while (waiting.length > 0 && left > 0) {
      const directory = waiting.pop()!;
      for await (const entry of entriesOf(directory)) {
        if (left-- <= 0) break;
        const path = join(directory, entry.name);
        const stats = statsOf(path);
        if (stats === undefined || stats.isSymbolicLink()) continue;
        const isDirectory = stats.isDirectory();
        if (isPrivate(stats)) search.found.push({ path, isDirectory });
        else if (isDirectory) waiting.push(path);
      }
    }
    if (left < 0 || waiting.length > 0) search.unfinished.push(top);
  }
  return search;
}

function isPrivate(stats: Stats): boolean {
  const needed = stats.isDirectory() ? OTHERS_READ | OTHERS_ENTER : OTHERS_READ;
  return (stats.mode & needed) !== needed;
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    // Gone meanwhile, or out of reach inside as well.
    return undefined;
  }
}

/** What cannot be opened here cannot be opened in the sandbox either, which has fewer rights. */
async function* entriesOf(directory: string): AsyncGenerator<Dirent> {
  try {
    for await (const entry of await opendir(directory, { bufferSize: 256 })) yield entry;
  } catch {
    // See above.
  }
}
