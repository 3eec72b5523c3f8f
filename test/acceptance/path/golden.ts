/** The bundles of `test/vectors/golden`, made by another implementation, at the command line. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { inParallel } from './batch.ts';
import { REPOSITORY, Stage } from './collector-process.ts';
import { vitrineIn } from './system.ts';

const GOLDEN = join(REPOSITORY, 'test/vectors/golden');
/** Its README: the time by which they are judged. */
const NOW = '1764090000000000000';
const BUNDLES_MIN = 40;

interface Expected {
  code: number;
  options: {
    require_closed?: boolean;
    require_lossless?: boolean;
    require_parts?: boolean;
    expect?: { session: string };
  };
}

interface Case {
  name: string;
  code: number;
  args: string[];
}

export async function agreesWithGolden(t: TestContext): Promise<void> {
  const expected = JSON.parse(readGolden('expected.json')) as Record<string, Expected>;
  const cases = [
    ...Object.entries(expected).map(([name, { code, options }]) => {
      return { name, code, args: [bundle(name), ...optionsOf(options)] };
    }),
    ...pinned(new Stage(t)),
  ];
  assert.ok(cases.length > BUNDLES_MIN, `${cases.length} bundles`);
  await inParallel(cases, async ({ name, code, args }) => {
    const ran = await vitrineIn(
      GOLDEN,
      ...['verify', ...args, '--trust', 'trust.txt', '--now', NOW],
    );
    assert.equal(ran.code, code, `${name}: ${ran.stdout}${ran.stderr}`);
  });
}

function optionsOf({
  require_closed,
  require_lossless,
  require_parts,
  expect,
}: Expected['options']) {
  return [
    ...(require_closed ? ['--require-closed'] : []),
    ...(require_lossless ? ['--require-lossless'] : []),
    ...(require_parts ? ['--require-parts'] : []),
    ...(expect === undefined ? [] : ['--expect-session', expect.session]),
  ];
}

/** As its README says of `pin.json`. */
function pinned({ dir }: Stage): Case[] {
  const pin = JSON.parse(readGolden('pin.json')) as { root: string };
  const other = join(dir, 'pin.json');
  writeFileSync(other, JSON.stringify({ ...pin, root: `A${pin.root.slice(1)}` }));
  return [
    { name: 'pinned', code: 0, args: [bundle('pinned'), '--pin', 'pin.json'] },
    { name: 'not pinned', code: 3, args: [bundle('session-closed'), '--pin', 'pin.json'] },
    { name: 'wrong pin', code: 2, args: [bundle('pinned'), '--pin', other] },
  ];
}

function bundle(name: string): string {
  return `${name}.vitrine.json`;
}

function readGolden(name: string): string {
  return readFileSync(join(GOLDEN, name), 'utf8');
}
