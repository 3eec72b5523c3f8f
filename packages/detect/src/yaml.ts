/** The YAML of rule files: 1.2, without aliases (they grow without bound), tags and double keys. */
import { RULE_BYTES_MAX } from '@vitrine/schema';
import { type Document, parseAllDocuments, visit } from 'yaml';
import { DetectError, invalid } from './error.ts';
import { type Members, mapOf } from './members.ts';

/** The documents of a file, each a map. Throws RULE_MALFORMED, RULE_INVALID, RULE_TOO_LARGE. */
export function parseDocuments(text: string): Members[] {
  if (Buffer.byteLength(text) > RULE_BYTES_MAX) {
    throw new DetectError('RULE_TOO_LARGE', `the file has more than ${RULE_BYTES_MAX} bytes`);
  }
  const values = readYaml(text);
  if (values.length === 0) throw invalid('the file is empty');
  return values.map((value) => mapOf(value, 'the file'));
}

function readYaml(text: string): unknown[] {
  try {
    const documents = parseAllDocuments(text, { schema: 'core', uniqueKeys: true });
    if (!Array.isArray(documents)) return [];
    const whole = documents.filter((one, i) => i === 0 || one.contents !== null);
    return whole.map((document) => {
      const problem = document.errors[0] ?? document.warnings[0];
      if (problem !== undefined) throw malformed(problem);
      checkNumbers(document);
      return document.toJS({ maxAliasCount: 0 });
    });
  } catch (error) {
    throw error instanceof DetectError ? error : malformed(error);
  }
}

/** Numbers that YAML reads as others than a record would have in their place. */
const WHOLE = /^[-+]?\d+$/;
const OTHER_BASE = /^0[xo]/;

/** A mode of a file, an id: what is compared as text must not be altered on the way. */
function checkNumbers(document: Document): void {
  visit(document, {
    Scalar(_, { value, source = '' }) {
      if (typeof value !== 'number') return;
      const isAltered = WHOLE.test(source) && String(value) !== source.replace('+', '');
      if (!isAltered && !OTHER_BASE.test(source)) return;
      throw invalid(`${source} is not a number as records have them: put it in quotes`);
    },
  });
}

function malformed(cause: unknown): DetectError {
  const first = cause instanceof Error ? cause.message.split('\n')[0]! : 'the YAML cannot be read';
  return new DetectError('RULE_MALFORMED', first.replace(/:$/, ''), '', { cause });
}
