/**
 * Processor time of this process and of everything that it starts, also of what has left its tree:
 * a control group of its own (cgroup v2), which needs root.
 */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const US_PER_MS = 1_000;

export class CpuGroup {
  readonly dir: string;
  readonly #before: string;

  private constructor(dir: string, before: string) {
    this.dir = dir;
    this.#before = before;
  }

  /** Moves this process; `undefined` where that cannot be had. */
  static enter(name: string): CpuGroup | undefined {
    const mount = cgroupMount();
    const here = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
    if (mount === undefined || here === undefined) return undefined;
    const group = new CpuGroup(join(mount, name), join(mount, here));
    try {
      mkdirSync(group.dir);
      moveTo(group.dir);
      return group;
    } catch {
      return undefined;
    }
  }

  /** Of everything in it but this process, in milliseconds. */
  get spentMs(): number {
    const stat = readFileSync(join(this.dir, 'cpu.stat'), 'utf8');
    const { user, system } = process.cpuUsage();
    return (Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) - user - system) / US_PER_MS;
  }

  leave(): void {
    moveTo(this.#before);
    rmdirSync(this.dir);
  }
}

function moveTo(dir: string): void {
  writeFileSync(join(dir, 'cgroup.procs'), String(process.pid));
}

function cgroupMount(): string | undefined {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1];
}
