/**
 * The one shape of every error a person or a program meets: a literal code, a sentence that says
 * what is wrong, and a hint that says what to do. Each package derives one class from it.
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string;

  constructor(code: Code, message: string, hint = '', options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }

  toJSON(): { code: Code; message: string; hint: string } {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}

/** What the OTLP and event readers of this package refuse. */
export class SchemaError extends CodedError<
  | 'OTLP_MALFORMED'
  | 'OTLP_TOO_LARGE'
  | 'OTLP_TOO_MANY_RECORDS'
  | 'OTLP_OVERLOADED'
  | 'GRPC_UNIMPLEMENTED'
  | 'GRPC_MALFORMED'
  | 'GRPC_DEADLINE'
  | 'EVENT_INVALID'
  | 'HOOK_MALFORMED'
  | 'HOOK_TOO_LARGE'
> {}

export type QueryCode =
  | 'QUERY_SYNTAX'
  | 'QUERY_FIELD_UNKNOWN'
  | 'QUERY_VALUE_INVALID'
  | 'QUERY_TOO_LARGE';

/** What is refused of a query, and where in its text: from 0, `to` is exclusive. */
export class QueryError extends CodedError<QueryCode> {
  readonly at: { from: number; to: number };

  constructor(code: QueryCode, at: QueryError['at'], message: string, hint: string) {
    super(code, message, hint);
    this.at = at;
  }

  override toJSON(): { code: QueryCode; message: string; hint: string; at: QueryError['at'] } {
    return { ...super.toJSON(), at: this.at };
  }
}
