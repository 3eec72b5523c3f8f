/** The numbers of calls, held against the headers of the kernel where they are installed. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { rawCalls } from './call-number.ts';
import { sessionOf } from './session.ts';

const HEADERS = {
  x64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
  arm64: '/usr/include/asm-generic/unistd.h',
} as const;

describe('calls by number', () => {
  for (const [arch, header] of Object.entries(HEADERS)) {
    const skip = existsSync(header) ? false : `${header} is not installed`;
    it(`are those of ${arch}`, { skip }, () => {
      const text = readFileSync(header, 'utf8');
      // `__NR3264_…`: calls that have another form on machines of 32 bits.
      const defined = new Map(
        [...text.matchAll(/^#define __NR(?:3264)?_(\w+) (\d+)$/gm)].map(([, name, number]) => {
          return [name!, Number(number)];
        }),
      );
      const calls = rawCalls(arch);
      assert.ok(calls.size > 20);
      for (const [number, name] of calls) assert.equal(defined.get(name), number, name);
      // What the other machine tells of is told of here as well, if there is such a call.
      const names = new Set(calls.values());
      for (const name of rawCalls(arch === 'x64' ? 'arm64' : 'x64').values()) {
        assert.equal(names.has(name), defined.has(name), name);
      }
    });
  }

  it('are none of another machine', () => {
    assert.equal(rawCalls('riscv64').size, 0);
  });

  it('are asked for by the numbers of this one', () => {
    const point = (number: number) =>
      `Name: syscall/sysno/${number}/exit, optional fields: [], context fields: [time]`;
    const numbers = [...rawCalls(process.arch).keys()];
    const session = sessionOf(numbers.map(point).join('\n'), '/sink') as {
      trace_session: { points: { name: string }[] };
    };
    assert.equal(session.trace_session.points.length, numbers.length);
  });
});
