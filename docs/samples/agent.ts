/**
 * An agent of a few lines that reports what it does, as docs/guides/sdk.md explains:
 *
 *   node docs/samples/agent.ts ENDPOINT FILE [TOKEN [SESSION]]
 */
import { readFile } from 'node:fs/promises';
import { type Attributes, startVitrine } from '@vitrine/shim/sdk';

const [endpoint, file = '', token, session] = process.argv.slice(2);
const vitrine = await startVitrine({ endpoint, shim: 'sample-agent', token, session });
const agent: Attributes = { 'agent.id': 'main', 'prompt.id': 'p-1' };

// What was asked is sensitive: it becomes a part, and the record only commits to it.
const prompt = `What does ${file} say?`;
await vitrine.event(
  'prompt.submit',
  { ...agent, 'prompt.length': prompt.length },
  { parts: { prompt } },
);

// First the record, then the deed: when this has resolved, the call is on disk.
const tool: Attributes = { ...agent, 'tool.name': 'Read', 'tool.use_id': 'call-1' };
const input = JSON.stringify({ file });
await vitrine.event('tool.call', tool, { parts: { tool_input: input } });

// The deed and its outcome, with how long it took; it is reported as failed if it throws.
const text = await vitrine.during('tool.result', tool, async (doing) => {
  const read = await readFile(file, 'utf8');
  doing.say({ 'tool.success': true, 'tool.output_bytes': read.length }, { tool_output: read });
  return read;
});

console.log(text.trim());
// False: an event was lost, and the record shows a hole where it was.
if (!(await vitrine.shutdown())) process.exitCode = 1;
