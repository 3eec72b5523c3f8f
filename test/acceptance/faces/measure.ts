/**
 * What a page costs its reader: tasks that block it, and things that move under the eyes. Observed
 * by the browser itself (Long Tasks, Layout Instability), from the first moment on.
 */
import type { Page } from 'playwright-core';

interface Observed {
  /** Of each task that blocked the page for more than 50 ms. */
  tasksMs: number[];
  /** Sum of all shifts that no input caused. */
  shift: number;
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
