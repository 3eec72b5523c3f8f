/** The incident and its benign twin: a scripted agent, and a stand-in for its provider. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../print/io.ts';
import { plain } from '../print/text.ts';
import { heading, INDENT } from './heading.ts';
import { type Act, type Played, type PlayParts, playScenario, type Stage } from './play.ts';
import { startProvider } from './provider.ts';
import { readScenario } from './scenario.ts';
import { examineTools } from './tools.ts';

export const incident: Act = {
  opening: 'An agent is talked into leaking files; what Vitrine sees of it, proves and says.',
  play: playIncident,
};

async function playIncident(io: Io, parts: PlayParts): Promise<Played[]> {
  // Not in the data directory: vitrine run hides that from every sandbox.
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-demo-'));
  const provider = await startProvider();
  try {
    const stage = setStage(io, { ...parts, io, provider, dir });
    heading(io, 2, 'foreign-key: the incident');
    const bad = await playScenario(stage, readScenario('foreign-key'));
    heading(io, 3, 'foreign-key.benign: the same with one fact changed');
    return [bad, await playScenario(stage, readScenario('foreign-key.benign'))];
  } finally {
    await provider.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The provider's CA, and what this machine lacks. */
function setStage(io: Io, parts: Omit<Stage, 'caFile' | 'sandbox'>): Stage {
  const caFile = join(parts.dir, 'provider-ca.pem');
  writeFileSync(caFile, parts.provider.ca);
  const { port } = parts.provider;
  io.out(`${INDENT}provider   a stand-in for api.provider.example at 127.0.0.1:${port}`);
  const tools = examineTools();
  for (const sentence of tools.lacking) io.out(`${INDENT}${plain(sentence)}`);
  if (tools.fix !== undefined) io.out(`${INDENT}to see everything: ${tools.fix}`);
  return { ...parts, caFile, sandbox: tools.sandbox };
}
