/** What was asked of the verifier: in words, and as command lines that ask it again. */

/** Of one line of code on A4. */
const LINE_CHARS_MAX = 84;

/** Options of `verify`, as the command line gave them. */
export interface VerifyWords {
  pin?: string;
  now?: bigint;
  maxAge?: number;
  expectOrigin?: string;
  expectSession?: string;
  expectChain?: string;
  requireClosed?: true;
  requireLossless?: true;
  requireParts?: true;
  all?: true;
}

/** Each requirement beyond the claim. */
export function askedWords(options: VerifyWords): string[] {
  const { expectOrigin, expectSession, expectChain, maxAge } = options;
  return [
    ...(expectOrigin === undefined ? [] : [`the log is ${expectOrigin}`]),
    ...(expectSession === undefined ? [] : [`the session is ${expectSession}`]),
    ...(expectChain === undefined ? [] : [`the chain is ${expectChain}`]),
    ...(maxAge === undefined ? [] : [`the seal is no older than ${maxAge} s`]),
    ...(options.requireClosed ? ['the session ended in order'] : []),
    ...(options.requireLossless ? ['no event was lost'] : []),
    ...(options.requireParts ? ['all contents are there'] : []),
  ];
}

/** The same question, to this program and, where it can answer, to the verifier in one file. */
export function repeatLines(
  file: string,
  trust: string | undefined,
  options: VerifyWords,
  now: bigint,
): string[] {
  const given: [option: string, value: string | undefined][] = [
    ['--trust', trust],
    ['--pin', options.pin],
    ['--now', String(now)],
    ['--max-age', options.maxAge === undefined ? undefined : String(options.maxAge)],
    ['--expect-origin', options.expectOrigin],
    ['--expect-session', options.expectSession],
    ['--expect-chain', options.expectChain],
  ];
  const flags: [flag: string, isGiven: true | undefined][] = [
    ['--require-closed', options.requireClosed],
    ['--require-lossless', options.requireLossless],
    ['--require-parts', options.requireParts],
    ['--all', options.all],
  ];
  const words = [
    file,
    ...given.flatMap(([option, value]) => (value === undefined ? [] : [option, value])),
    ...flags.flatMap(([flag, isGiven]) => (isGiven ? [flag] : [])),
  ];
  const ours = shellLine(['npx', '--no', 'vitrine', 'verify', ...words]);
  // That one takes no trust from a data directory, and reads files alone.
  if (trust === undefined || file === '-') return [ours];
  return [ours, shellLine(['node', 'vitrine-verify.mjs', ...words])];
}

/** Words as a POSIX shell reads them, in lines that fit on paper. */
function shellLine(words: string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words.map(shellWord)) {
    if (line !== '' && line.length + 1 + word.length > LINE_CHARS_MAX) {
      lines.push(line);
      line = `  ${word}`;
    } else {
      line += line === '' ? word : ` ${word}`;
    }
  }
  return [...lines, line].join(' \\\n');
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
