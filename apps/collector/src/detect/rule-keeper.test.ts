/** The set of rules that runs, with the real thread and nothing that watches the folder. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { RuleKeeper } from './rule-keeper.ts';
import { DetectThread } from './thread.ts';
import type { WorkerRequest } from './worker.ts';

const root = mkdtempSync(join(tmpdir(), 'vitrine-keeper-'));
after(() => rmSync(root, { recursive: true }));
const REQUEST = { cause: 'request', by: { token: 't', role: 'admin' } } as const;

class Rig {
  readonly dir = mkdtempSync(join(root, 'rules-'));
  readonly told: JsonObject[] = [];
  readonly sent: WorkerRequest[] = [];
  readonly #thread = new DetectThread({
    script: new URL('./worker.ts', import.meta.url),
    onReply: (reply) => reply.type === 'rules' && this.keeper.take(reply),
    onReplaced: () => {},
    print: assert.fail,
  });
  readonly keeper = new RuleKeeper({
    folders: { builtin: false, dir: this.dir },
    path: `${this.dir}.json`,
    send: (request) => {
      this.sent.push(request);
      this.#thread.send(request);
    },
    onRules: async (fields) => void this.told.push(fields),
    print: () => {},
  });

  write(name: string, tool: string): void {
    const detection = `{one: {tool.name: ${tool}}, condition: one}`;
    const head = `title: ${tool}\nlogsource: {product: agent_sandbox, category: tool}\n`;
    writeFileSync(join(this.dir, `${name}.yml`), `${head}detection: ${detection}\n`);
  }

  /** Leaves `tool` out of what A-001 selects. */
  filter(tool: string): void {
    const text = `title: Known
logsource: {product: agent_sandbox, category: tool}
filter: {rules: [A-001], selection: {tool.name: ${tool}}, condition: not selection}\n`;
    writeFileSync(join(this.dir, 'known.yml'), text);
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }
}

describe('a set of rules', () => {
  it('has its filters: the log says when one comes, and a new thread gets it', async (t) => {
    const rig = new Rig();
    t.after(() => rig.stop());
    rig.write('A-001', 'Alpha');
    await rig.keeper.start();
    rig.filter('Beta');
    const { added, count, was, hash } = await rig.keeper.reload(REQUEST);
    assert.deepEqual([added, count], [['known'], 2]);
    assert.notEqual(hash, was);
    assert.deepEqual(rig.told.at(-1)!.added, ['known']);
    rig.filter('Gamma');
    assert.deepEqual((await rig.keeper.reload(REQUEST)).changed, ['known']);
    rig.keeper.resend();
    const last = rig.sent.at(-1)!;
    assert.ok('files' in last);
    assert.deepEqual(
      last.files.map(({ name }) => name),
      ['A-001.yml', 'known.yml'],
    );
    assert.match(last.files[1]!.text, /Gamma/);
  });

  it('is what the folder held last, also where it changed back meanwhile', async (t) => {
    const rig = new Rig();
    t.after(() => rig.stop());
    rig.write('A-001', 'Alpha');
    await rig.keeper.start();
    const { hash } = rig.keeper.status;
    rig.write('A-001', 'Beta');
    const there = rig.keeper.reload({ cause: 'folder' });
    rig.write('A-001', 'Alpha');
    const back = rig.keeper.reload(REQUEST);
    await Promise.all([there, back]);
    assert.equal(rig.keeper.status.hash, hash);
    assert.match(rig.keeper.textOf('A-001')!, /Alpha/);
    assert.deepEqual(
      rig.told.map(({ cause, changed }) => [cause, changed]),
      [
        ['start', []],
        ['folder', ['A-001']],
        ['request', ['A-001']],
      ],
    );
  });

  it('starts without what cannot be read, and is not changed to a set with it', async (t) => {
    const rig = new Rig();
    t.after(() => rig.stop());
    rig.write('A-001', 'Alpha');
    mkdirSync(join(rig.dir, 'B-001.yml'));
    await rig.keeper.start();
    const { rules, refused, hash } = rig.keeper.status;
    assert.deepEqual([rules[0]!.id, refused[0]!.file], ['A-001', 'B-001.yml']);
    rig.write('C-001', 'Gamma');
    await assert.rejects(rig.keeper.reload(REQUEST), { code: 'RULES_REFUSED' });
    assert.equal(rig.keeper.status.hash, hash);
    rmSync(join(rig.dir, 'B-001.yml'), { recursive: true });
    assert.deepEqual((await rig.keeper.reload(REQUEST)).added, ['C-001']);
    assert.deepEqual(rig.told.at(-1)!.by, REQUEST.by);
  });

  it('that stays the same is answered with its name, and is not told again', async (t) => {
    const rig = new Rig();
    t.after(() => rig.stop());
    rig.write('A-001', 'Alpha');
    await rig.keeper.start();
    rig.write('B-001', 'Beta');
    const { hash } = await rig.keeper.reload({ cause: 'folder' });
    const again = await rig.keeper.reload(REQUEST);
    assert.deepEqual([again.hash, again.was, again.count, again.added], [hash, hash, 2, []]);
    assert.deepEqual(
      rig.told.map(({ cause }) => cause),
      ['start', 'folder'],
    );
  });
});
