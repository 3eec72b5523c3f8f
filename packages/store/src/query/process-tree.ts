/**
 * Lives of processes as a tree: what tells of them, by leaf, and what they did in between. Knows
 * nothing of the engine.
 */
import type { ProcessCounts, ProcessItem } from '@vitrine/schema/api';
import type { AlertedPlace, Deeds } from './process-counts.ts';

const EXEC = 'process.exec';

/** A `process.exec` or `process.exit`. */
export interface RawProcess {
  idx: string;
  t: string;
  kind: string;
  shim: string;
  vantage: ProcessItem['vantage'];
  agent: string;
  pid: string;
  ppid: string;
  exe: string;
  argv: string[];
  argc: string | null;
  argv_part: number;
  uid: string | null;
  code: string | null;
  signal: string;
}

/** What a process is first known by. */
interface Sight {
  idx: number | string;
  t: string;
  shim: string;
  vantage: ProcessItem['vantage'];
  pid: number | string;
  ppid: number | string;
  exe: string;
}

export function treeOf(
  rows: readonly RawProcess[],
  deeds: readonly Deeds[],
  places: readonly AlertedPlace[],
): { items: ProcessItem[]; placedAlerts: number } {
  const tree = new Tree();
  const told = [
    ...rows.map((row) => ({ idx: Number(row.idx), rank: 0, take: () => tree.life(row) })),
    ...deeds.map((deed) => ({ idx: deed.idx, rank: 1, take: () => tree.deeds(deed) })),
    ...places.map((place) => ({ idx: place.idx, rank: 2, take: () => tree.alert(place) })),
  ];
  for (const { take } of told.sort((a, b) => a.idx - b.idx || a.rank - b.rank)) take();
  return { items: tree.finish(), placedAlerts: tree.placedAlerts };
}

class Tree {
  readonly #items: ProcessItem[] = [];
  readonly #parents = new Map<ProcessItem, ProcessItem>();
  /** Those whose parent nobody has told of, by its number. */
  readonly #orphans = new Map<string, ProcessItem[]>();
  readonly #living = new Map<string, ProcessItem>();
  /** Last process of each number, for what is told of one that has ended. */
  readonly #last = new Map<string, ProcessItem>();
  /** Alerts that a process was counted for. */
  readonly #alerts = new Map<ProcessItem, Set<number>>();
  readonly #placed = new Set<number>();

  get placedAlerts(): number {
    return this.#placed.size;
  }

  life(row: RawProcess): void {
    const key = `${row.shim}/${row.pid}`;
    const known = this.#living.get(key);
    const item = known ?? this.#begin(row, row.kind !== EXEC);
    addAgents(item, row.agent === '' ? [] : [row.agent]);
    if (row.kind !== EXEC) {
      // An exit without an exec: it ran before anybody looked, or was forked and never executed.
      item.exit = exitOf(row);
      this.#living.delete(key);
      return;
    }
    item.exe = row.exe;
    item.execs++;
    item.exec = Number(row.idx);
    item.argv = row.argv;
    item.argc = row.argc === null ? null : Number(row.argc);
    item.argv_part = Number(row.argv_part) === 1;
    item.uid = row.uid === null ? item.uid : Number(row.uid);
  }

  deeds(deeds: Deeds): void {
    const item = this.#living.get(`${deeds.shim}/${deeds.pid}`) ?? this.#begin(deeds, true);
    addAgents(item, deeds.agents);
    for (const name of ['reads', 'writes', 'deletes', 'denied', 'egress'] as const) {
      item.own[name] += deeds[name];
    }
  }

  alert({ alert, shim, pid }: AlertedPlace): void {
    const item = this.#last.get(`${shim}/${pid}`);
    if (item === undefined) return;
    this.#placed.add(alert);
    const counted = this.#alerts.get(item) ?? new Set();
    this.#alerts.set(item, counted.add(alert));
  }

  /** Numbered so that a parent stands before its children; sums from the leaves up. */
  finish(): ProcessItem[] {
    const items = this.#parentsFirst();
    for (const [n, item] of items.entries()) {
      item.n = n;
      item.parent = this.#parents.get(item)?.n ?? null;
    }
    const below = new Map<ProcessItem, Set<number>>();
    for (const item of items.toReversed()) {
      const alerts = new Set([...(this.#alerts.get(item) ?? []), ...(below.get(item) ?? [])]);
      item.own.alerts = this.#alerts.get(item)?.size ?? 0;
      addCounts(item.total, item.own);
      // One alert may rest on two processes of a subtree.
      item.total.alerts = alerts.size;
      const parent = this.#parents.get(item);
      if (parent === undefined) continue;
      parent.children++;
      parent.descendants += item.descendants + 1;
      addCounts(parent.total, item.total);
      below.set(parent, new Set([...(below.get(parent) ?? []), ...alerts]));
    }
    return items;
  }

  /** In the order in which they became known, but for parents that became known late. */
  #parentsFirst(): ProcessItem[] {
    const placed = new Set<ProcessItem>();
    for (const item of this.#items) {
      const chain: ProcessItem[] = [];
      for (
        let at: ProcessItem | undefined = item;
        at !== undefined && !placed.has(at);
        at = this.#parents.get(at)
      ) {
        chain.push(at);
      }
      for (const one of chain.toReversed()) placed.add(one);
    }
    return [...placed];
  }

  /** `ranBefore`: what it is first known by is no start, so that it ran for a while already. */
  #begin(sight: Sight, ranBefore: boolean): ProcessItem {
    const item: ProcessItem = {
      // Both are known when all are.
      n: 0,
      parent: null,
      index: Number(sight.idx),
      t: sight.t,
      shim: sight.shim,
      vantage: sight.vantage,
      pid: Number(sight.pid),
      ppid: Number(sight.ppid),
      exe: sight.exe,
      exec: null,
      argv: [],
      argc: null,
      argv_part: false,
      uid: null,
      execs: 0,
      exit: null,
      agents: [],
      children: 0,
      descendants: 0,
      own: noCounts(),
      total: noCounts(),
    };
    this.#items.push(item);
    const key = `${sight.shim}/${sight.pid}`;
    this.#living.set(key, item);
    this.#last.set(key, item);
    this.#place(item, `${sight.shim}/${sight.ppid}`);
    const orphans = this.#orphans.get(key) ?? [];
    this.#orphans.delete(key);
    if (ranBefore && orphans.length > 0) this.#adopt(item, orphans);
    return item;
  }

  #place(item: ProcessItem, parentKey: string): void {
    const parent = this.#living.get(parentKey);
    if (parent !== undefined && parent !== item) {
      this.#parents.set(item, parent);
      return;
    }
    const orphans = this.#orphans.get(parentKey) ?? [];
    orphans.push(item);
    this.#orphans.set(parentKey, orphans);
  }

  /** Numbers are somebody's word: who stands above the parent does not become its child. */
  #adopt(parent: ProcessItem, orphans: readonly ProcessItem[]): void {
    let top = parent;
    for (let at = this.#parents.get(top); at !== undefined; at = this.#parents.get(at)) top = at;
    for (const orphan of orphans) if (orphan !== top) this.#parents.set(orphan, parent);
  }
}

function exitOf({ idx, t, code, signal }: RawProcess): ProcessItem['exit'] {
  return {
    index: Number(idx),
    t,
    code: code === null ? null : Number(code),
    signal: signal === '' ? null : signal,
  };
}

function addAgents(item: ProcessItem, agents: readonly string[]): void {
  for (const agent of agents) if (!item.agents.includes(agent)) item.agents.push(agent);
}

function noCounts(): ProcessCounts {
  return { reads: 0, writes: 0, deletes: 0, denied: 0, egress: 0, alerts: 0 };
}

function addCounts(to: ProcessCounts, from: ProcessCounts): void {
  for (const name of Object.keys(to) as (keyof ProcessCounts)[]) to[name] += from[name];
}
