/** `vitrine shim claude-code --print-settings`: settings for inside a run, or for outside one. */
import { INSIDE } from '../sandbox/bwrap.ts';
import { claudeCodeSettings, HOOK_SCRIPT, INSIDE_OTLP } from './settings.ts';

export async function printSettings(
  { otlp }: { otlp?: string },
  print: (value: unknown) => void,
): Promise<number> {
  const target =
    otlp === undefined
      ? { otlp: INSIDE_OTLP, command: [INSIDE.node, INSIDE.hook], token: false }
      : { otlp, command: [process.execPath, HOOK_SCRIPT], token: true };
  print(claudeCodeSettings(target));
  return 0;
}
