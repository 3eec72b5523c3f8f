import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { examineTools } from './tools.ts';

describe('examineTools', () => {
  it('has nothing to say where everything is there', () => {
    const tools = examineTools({ bwrap: true, strace: true, absent: [], install: '' });
    assert.deepEqual(tools, { sandbox: true, lacking: [], fix: undefined });
  });

  it('names the rows that will be absent, and the one line that brings them', () => {
    const tools = examineTools({
      bwrap: false,
      strace: false,
      absent: [
        { source: 'sandbox', reason: 'bubblewrap is not installed' },
        { source: 'strace', reason: 'strace is not installed' },
      ],
      install: 'sudo apt-get install -y bubblewrap strace',
    });
    assert.equal(tools.sandbox, false);
    assert.match(tools.lacking[0]!, /^bubblewrap is not installed; .*without a sandbox/);
    assert.match(
      tools.lacking[1]!,
      /^strace is not installed; these rows will be absent: process\.\*, file\.\*/,
    );
    assert.match(tools.fix!, /^apt-get install .*strace bubblewrap$/);
  });

  it('promises no help from packages where they are installed and do not work', () => {
    const absent = [{ source: 'sandbox', reason: 'bubblewrap does not work here (x)' }];
    const tools = examineTools({ bwrap: false, strace: true, absent, install: '' });
    assert.equal(tools.fix, undefined);
  });
});
