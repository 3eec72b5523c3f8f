/** Readers of the two streams the API sends: lines of JSON, and server-sent events. */
import { StringDecoder } from 'node:string_decoder';

/** Complete lines of a byte stream; a last line without a newline counts too. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}

export interface ServerEvent {
  event: string;
  id: string | undefined;
  data: string;
}

/** Server-sent events (WHATWG HTML §9.2) of a stream of lines; comments are skipped. */
export async function* serverEvents(lines: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let event = 'message';
  let id: string | undefined;
  let data: string[] = [];
  for await (const line of lines) {
    if (line === '') {
      if (data.length > 0) yield { event, id, data: data.join('\n') };
      event = 'message';
      data = [];
      continue;
    }
    const [, name, value] = /^([^:]*)(?::\s?(.*))?$/.exec(line) ?? [];
    if (name === 'event') event = value ?? '';
    else if (name === 'id') id = value;
    else if (name === 'data') data.push(value ?? '');
  }
}
