/** Sockets as the kernel tells of them in `/proc/<pid>` (proc(5)), and as files. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const TCP_LISTEN = '0A';
const TABLES = ['tcp', 'tcp6', 'udp', 'udp6', 'unix', 'netlink', 'raw', 'raw6', 'packet'];

/** Inodes of the sockets that a process holds open, by file descriptor. */
export function heldSockets(pid: number): Map<number, string> {
  const held = readdirSync(`/proc/${pid}/fd`).flatMap((fd): [number, string][] => {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
    return inode === undefined ? [] : [[Number(fd), inode]];
  });
  return new Map(held);
}

/** Which namespace of a kind (`net`, `mnt` …) a process is in; empty when it is gone. */
export function namespaceOf(pid: number, kind: string): string {
  return linkOf(`/proc/${pid}/ns/${kind}`);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** All numbers in the socket tables of the network namespace of `pid`; inodes are among them. */
export function namespaceSockets(pid: number): Set<string> {
  const words = TABLES.flatMap((table) => tableOf(pid, table)).flat();
  return new Set(words.filter((word) => /^\d+$/.test(word)));
}

/** Addresses that `pid` listens at over TCP, in the kernel's spelling: `0100007F:10DF`. */
export function listensAt(pid: number): string[] {
  const held = new Set(heldSockets(pid).values());
  return ['tcp', 'tcp6']
    .flatMap((table) => tableOf(pid, table))
    .filter((row) => row[3] === TCP_LISTEN && held.has(row[9]!))
    .map((row) => row[1]!);
}

function tableOf(pid: number, table: string): string[][] {
  try {
    const [, ...lines] = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trimEnd().split('\n');
    return lines.map((line) => line.trim().split(/\s+/));
  } catch {
    return [];
  }
}

/**
 * Paths of the socket files that `pid` can reach. A directory's list tells what lies below a mount,
 * so the list is believed but for mount points. `/proc` holds no files of others.
 */
export function reachableSockets(pid: number): string[] {
  const root = `/proc/${pid}/root`;
  const mounts = mountPoints(pid);
  const walk = (dir: string): string[] =>
    entriesOf(join(root, dir)).flatMap((entry) => {
      const path = join(dir, entry.name);
      if (path === '/proc') return [];
      if (entry.isDirectory()) return walk(path);
      const suspect = entry.isSocket() || mounts.has(path);
      return suspect && lstatSync(join(root, path)).isSocket() ? [path] : [];
    });
  return walk('/');
}

function mountPoints(pid: number): Set<string> {
  const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
  return new Set(lines.map((line) => line.split(' ')[4] ?? ''));
}

function entriesOf(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
}
