/**
 * What a page costs its reader: things that move under the eyes, and tasks that keep it from
 * answering. Observed by the browser itself (Layout Instability, Long Tasks, its own trace).
 */
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';

interface Observed {
  /** Of each task that blocked the page for more than 50 ms by the clock on the wall. */
  tasksMs: number[];
  /** Sum of all shifts that no input caused. */
  shift: number;
}

/** `X`: an event with a duration, in microseconds by the wall and by the thread's own clock. */
interface TraceEvent {
  ph: string;
  name: string;
  pid: number;
  tid: number;
  tdur?: number;
  args: { name?: string };
}

const OBSERVE = `
  window.observed = { tasksMs: [], shift: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.observed.tasksMs.push(duration);
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) {
      if (!hadRecentInput) window.observed.shift += value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
`;

/** For each page that is opened from now on. */
export function observe(page: Page): Promise<unknown> {
  return page.addInitScript(OBSERVE);
}

export function observed(page: Page): Promise<Observed> {
  return page.evaluate<Observed>('window.observed');
}

export async function forgetTasks(page: Page): Promise<void> {
  await page.evaluate('window.observed.tasksMs.length = 0');
}

/**
 * How long each task of the pages computed while `work` went on, in ms, the longest first. By the
 * thread's own clock: on a machine that others share, the wall's counts their work as well.
 */
export async function computedMs(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<number[]> {
  const categories = ['-*', 'disabled-by-default-devtools.timeline'];
  await browser.startTracing(page, { categories });
  await work();
  const traced = JSON.parse((await browser.stopTracing()).toString());
  const events = traced.traceEvents as TraceEvent[];
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
  const pages = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(threadOf),
  );
  const tasks = events.filter(
    (event) => event.name === 'RunTask' && event.ph === 'X' && pages.has(threadOf(event)),
  );
  assert.ok(tasks.length > 0, 'the browser traced no task');
  return tasks.map(({ tdur = 0 }) => tdur / 1_000).sort((a, b) => b - a);
}
