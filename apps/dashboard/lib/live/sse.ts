/** Server-sent events out of a stream of text (WHATWG HTML §9.2.6), piece by piece. */
export interface ServerEvent {
  event: string;
  data: string;
  /** The last `id` seen up to this event. */
  id: string;
}

export class EventReader {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id = '';

  /** The events that `text` completes. Comments and unknown fields are dropped. */
  read(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        const event = this.#end();
        if (event !== null) events.push(event);
      } else this.#field(line);
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
  }

  #end(): ServerEvent | null {
    const event = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    return empty ? null : event;
  }
}
