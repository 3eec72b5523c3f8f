/** Leaves that are marked together, as the address names them: `first..last`. */
export interface LeafRange {
  first: number;
  last: number;
}

export function rangeOf(text: string): LeafRange | undefined {
  const match = /^(\d{1,15})\.\.(\d{1,15})$/.exec(text);
  if (match === null) return undefined;
  const ends = [Number(match[1]), Number(match[2])].sort((a, b) => a - b);
  return { first: ends[0]!, last: ends[1]! };
}

export function rangeText({ first, last }: LeafRange): string {
  return `${first}..${last}`;
}

export function isWithin(range: LeafRange | undefined, index: number): boolean {
  return range !== undefined && index >= range.first && index <= range.last;
}
