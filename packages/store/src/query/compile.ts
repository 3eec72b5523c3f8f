/**
 * A query's tree as a condition on rows of `records`. Values and names of members are parameters,
 * never part of the statement. Members have no columns: they are read out of the record's JSON,
 * which costs some hundred times what a column does, so that a plain look for the value's text, or
 * for the member's name, comes first. Means what `match.ts` of the schema means, case by case.
 */
import { JSON_DEPTH_MAX } from '@vitrine/schema';
import {
  ALERT_SEVERITY_MIN,
  decimalEnds,
  type FieldNode,
  type FieldTest,
  fieldOf,
  foldedPieces,
  interval,
  isByRank,
  numbersOf,
  type Pieces,
  pathsOf,
  type QueryField,
  type QueryNode,
  recordForms,
  SEVERITY_WORDS,
  type TextNode,
  timesOf,
  wordsOf,
} from '@vitrine/schema/query';
import type { Condition } from './condition.ts';

/** Columns without capital letters (LOG.md §1): found as they are, by their indexes. */
const LOWER_COLUMNS = new Set(['kind', 'vantage', 'via']);
/** Millionths: what numbers are compared in. */
const DECIMAL_SCALE = 6;
const DECIMAL = '^-?[0-9]{1,18}([.][0-9]{1,6})?$';
const INT64_MAX = 2n ** 63n - 1n;
const ALWAYS = '1';
const NEVER = '0';

/** The times of the tree are fixed. */
export function andQuery(where: Condition, query: QueryNode): void {
  where.and(`(${new Compiler(where).node(query)})`);
}

class Compiler {
  readonly #where: Condition;
  /** Names of parameters by type and value: the engine takes a thousand of them, not more. */
  readonly #names = new Map<string, string>();

  constructor(where: Condition) {
    this.#where = where;
  }

  node(node: QueryNode): string {
    switch (node.type) {
      case 'and':
        return node.nodes.map((one) => `(${this.node(one)})`).join(' AND ');
      case 'or':
        return node.nodes.map((one) => `(${this.node(one)})`).join(' OR ');
      case 'not':
        return `NOT (${this.node(node.node)})`;
      case 'text':
        return this.#text(node);
      case 'field':
        return this.#field(node);
    }
  }

  #param(value: unknown, type: string): string {
    const key = JSON.stringify([type, value]);
    const name = this.#names.get(key) ?? `q${this.#names.size}`;
    this.#names.set(key, name);
    this.#where.params[name] = value;
    return `{${name}:${type}}`;
  }

  #text({ pieces }: TextNode): string {
    return recordForms(pieces)
      .map((form) => this.#contains('record', form))
      .join(' OR ');
  }

  /** The pieces one after the other anywhere in a text, in any case. */
  #contains(of: string, pieces: Pieces): string {
    const { isAscii, parts } = foldedPieces(pieces);
    if (parts.length > 1) return this.#like(folded(of, isAscii), ['', ...parts, '']);
    const part = this.#param(parts[0], 'String');
    // Several times faster than to fold the record first, and the same for ASCII.
    if (isAscii) return `positionCaseInsensitive(${of}, ${part}) > 0`;
    return `position(${folded(of, false)}, ${part}) > 0`;
  }

  #like(of: string, pieces: Pieces): string {
    const escaped = pieces.map((piece) => piece.replaceAll(/[\\%_]/g, '\\$&'));
    return `${of} LIKE ${this.#param(escaped.join('%'), 'String')}`;
  }

  /** The pieces make the whole text. */
  #is(of: string, pieces: Pieces): string {
    if (pieces.length > 1) return this.#like(of, pieces);
    return `${of} = ${this.#param(pieces[0], 'String')}`;
  }

  #field({ field: name, test }: FieldNode): string {
    const field = fieldOf(name)!;
    const { type, column } = field;
    if (type === 'severity') return this.#severity(test);
    if (column === undefined) return this.#member(field, test);
    if (type === 'text') return this.#textColumn(field, test);
    if (column === 'seq' && test.op === 'exists') return 'seq >= 0';
    if (test.op === 'exists') return ALWAYS;
    const [low, high] = interval(test, type === 'time' ? timesOf : numbersOf);
    // A seal has no place in a chain, and -1 in the column.
    const within = column === 'seq' ? [low === null || low < 0n ? 0n : low, high] : [low, high];
    return this.#between(column, within[0]!, within[1]!, column === 'idx' ? 'UInt64' : 'Int64');
  }

  #between(of: string, low: bigint | null, high: bigint | null, type: string): string {
    const least = type === 'UInt64' ? 0n : -INT64_MAX;
    if (low !== null && low > INT64_MAX) return NEVER;
    if (high !== null && high < least) return NEVER;
    const terms: string[] = [];
    if (low !== null && low > least) terms.push(`${of} >= ${this.#param(String(low), type)}`);
    if (high !== null && high < INT64_MAX) {
      terms.push(`${of} <= ${this.#param(String(high), type)}`);
    }
    return terms.length === 0 ? ALWAYS : terms.join(' AND ');
  }

  #textColumn({ column, exact }: QueryField, test: FieldTest): string {
    if (test.op !== 'is') return `${column} != ''`;
    if (exact) return this.#is(column!, test.pieces);
    const { isAscii, parts } = foldedPieces(test.pieces);
    const of = isAscii && LOWER_COLUMNS.has(column!) ? column! : folded(column!, isAscii);
    return this.#is(of, parts);
  }

  #severity(test: FieldTest): string {
    if (test.op === 'exists') return 'severity > 0';
    if (isByRank(test)) {
      const [low, high] = interval(test, numbersOf);
      return this.#between('severity', low, high, 'Int64');
    }
    const [low, high] = interval(test, wordsOf);
    const words = SEVERITY_WORDS.filter((_, rank) => {
      return (low === null || BigInt(rank) >= low) && (high === null || BigInt(rank) <= high);
    });
    const list = this.#param(words, 'Array(String)');
    const any = this.#anyValue(['severity'], `has(${list}, lower(v))`);
    return `severity >= ${ALERT_SEVERITY_MIN} AND ${any}`;
  }

  /** All members of a field are asked together: the engine's own work on a long text is dear. */
  #member(field: QueryField, test: FieldTest): string {
    // A record holds nothing deeper, and a step is a parameter.
    const paths = pathsOf(field).filter((path) => path.split('.').length <= JSON_DEPTH_MAX);
    if (paths.length === 0) return NEVER;
    return `${this.#named(paths)} AND (${this.#atPaths(paths, test)})`;
  }

  /** The record names the last member of one of the paths: canonical JSON has no blank there. */
  #named(paths: readonly string[]): string {
    const names = paths.map((path) => `${JSON.stringify(path.slice(path.lastIndexOf('.') + 1))}:`);
    return `multiSearchAny(record, ${this.#param([...new Set(names)], 'Array(String)')})`;
  }

  #atPaths(paths: readonly string[], test: FieldTest): string {
    if (test.op === 'exists') {
      return paths.map((path) => `${this.#raw(path)} NOT IN ('', 'null')`).join(' OR ');
    }
    if (test.op !== 'is') {
      const [low, high] = interval(test, decimalEnds);
      const number = `toDecimal128OrZero(v, ${DECIMAL_SCALE})`;
      const bounds = [
        ...(low === null ? [] : [`${number} >= ${this.#decimal(low)}`]),
        ...(high === null ? [] : [`${number} <= ${this.#decimal(high)}`]),
      ];
      return this.#anyValue(paths, `match(v, '${DECIMAL}') AND ${bounds.join(' AND ')}`);
    }
    const { isAscii, parts } = foldedPieces(test.pieces);
    const value = this.#anyValue(paths, this.#is(folded('v', isAscii), parts));
    return isAscii ? `${this.#hasText(parts)} AND ${value}` : value;
  }

  /** The record has the longest piece of a value, as JSON writes it. */
  #hasText(parts: Pieces): string {
    const longest = parts.reduce((a, b) => (b.length > a.length ? b : a));
    return this.#contains('record', [JSON.stringify(longest).slice(1, -1)]);
  }

  #decimal(millionths: bigint): string {
    const digits = String(millionths < 0n ? -millionths : millionths).padStart(7, '0');
    const at = digits.length - DECIMAL_SCALE;
    const text = `${millionths < 0n ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`;
    return `toDecimal128(${this.#param(text, 'String')}, ${DECIMAL_SCALE})`;
  }

  #raw(path: string): string {
    const steps = path.split('.').map((step) => this.#param(step, 'String'));
    return `JSONExtractRaw(record, ${steps.join(', ')})`;
  }

  /** Whether a condition on `v` holds for any text, number or boolean at a path, or in its list. */
  #anyValue(paths: readonly string[], condition: string): string {
    const raws = `[${paths.map((path) => this.#raw(path)).join(', ')}]`;
    const list = `if(startsWith(r, '['), JSONExtractArrayRaw(r), [r])`;
    const isScalar = `r NOT IN ('', 'null') AND left(r, 1) NOT IN ('[', '{')`;
    const scalars = `arrayFilter(r -> ${isScalar}, arrayFlatten(arrayMap(r -> ${list}, ${raws})))`;
    const texts = `arrayMap(r -> if(startsWith(r, '"'), JSONExtractString(r), r), ${scalars})`;
    return `arrayExists(v -> ${condition}, ${texts})`;
  }
}

function folded(of: string, isAscii: boolean): string {
  return isAscii ? `lower(${of})` : `lowerUTF8(${of})`;
}

/**
 * Texts of which each must stand in the record of any answer, for the index of words: of what is
 * asked besides everything else. A quotation mark stands where a word must begin or end.
 */
export function textsOf(query: QueryNode): string[] {
  const terms = query.type === 'and' ? query.nodes : [query];
  return terms.flatMap((term) => {
    if (term.type === 'text') {
      const forms = recordForms(term.pieces);
      return forms[0]!;
    }
    if (term.type !== 'field' || term.test.op !== 'is') return [];
    if (fieldOf(term.field)!.type !== 'member') return [];
    const { pieces } = term.test;
    return pieces.map((piece, i) => {
      const begin = i === 0 ? '"' : '';
      const end = i === pieces.length - 1 ? '"' : '';
      return `${begin}${JSON.stringify(piece).slice(1, -1)}${end}`;
    });
  });
}
