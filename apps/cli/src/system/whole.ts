/**
 * The whole system on this machine: the collector, and the dashboard beside it. Started in that
 * order, stopped in the other.
 */
import { type DashboardProcess, startDashboard } from '../dashboard/serve.ts';
import {
  type CollectorOptions,
  type CollectorProcess,
  startCollectorProcess,
} from './collector.ts';
import type { RunningSystem } from './data-dir.ts';

export interface WholeSystem {
  system: RunningSystem;
  readyMs: number;
  dashboard: DashboardProcess | undefined;
  /** Resolves with the collector's exit code when that ends, for whatever reason. */
  ended: Promise<number | null>;
  stop(): Promise<void>;
}

export interface WholeOptions extends CollectorOptions {
  /** False leaves the dashboard out. */
  dashboard: boolean;
  /** Told when the collector is ready, before the dashboard is started or even built. */
  onReady?: (collector: CollectorProcess) => Promise<void>;
}

export async function startWhole(options: WholeOptions): Promise<WholeSystem> {
  const { log, signal } = options;
  const collector = await startCollectorProcess(options);
  const { system, readyMs, ended } = collector;
  try {
    await options.onReady?.(collector);
    const dashboard = options.dashboard ? await startDashboard({ system, log, signal }) : undefined;
    let isStopping = false;
    void dashboard?.ended.then((code) => {
      if (isStopping) return;
      log(`the dashboard ended by itself with ${code ?? 'a signal'}; the rest goes on`);
    });
    return {
      system,
      readyMs,
      dashboard,
      ended,
      async stop() {
        isStopping = true;
        await dashboard?.stop();
        await collector.stop();
      },
    };
  } catch (error) {
    await collector.stop();
    throw error;
  }
}
