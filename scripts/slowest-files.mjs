/** A reporter of Node's test runner: after a long run, which files took the most of it. */
import { relative } from 'node:path';

const FILES = 10;
/** A run of less leaves nothing to look for. */
const RUN_SECONDS_MIN = 60;

export default async function* slowestFiles(events) {
  const started = Date.now();
  const files = [];
  for await (const { type, data } of events) {
    if (type === 'test:summary' && data.file !== undefined) files.push(data);
  }
  if (Date.now() - started < RUN_SECONDS_MIN * 1000) return;
  files.sort((a, b) => b.duration_ms - a.duration_ms);
  yield '\nslowest files\n';
  for (const { file, duration_ms } of files.slice(0, FILES)) {
    yield `${String(Math.round(duration_ms / 1000)).padStart(5)} s  ${relative('.', file)}\n`;
  }
}
