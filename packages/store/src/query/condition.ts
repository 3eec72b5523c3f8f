/**
 * A WHERE clause made of fixed texts and named parameters: values never become part of a statement.
 */
import type { Params } from '../client/connection.ts';
import { tenantOf } from './columns.ts';

export class Condition {
  readonly params: Params = {};
  readonly #terms: string[] = [];

  /** Leaves of one log below the published size. */
  static below(log: string, size: number): Condition {
    return new Condition()
      .and('tenant = {tenant:String}', { tenant: tenantOf(log) })
      .and('log = {log:String}', { log })
      .and('idx < {size:UInt64}', { size });
  }

  /** The same for tables that the tenant does not lead. */
  static inLog(log: string, size: number): Condition {
    return new Condition().and('log = {log:String}', { log }).and('idx < {size:UInt64}', { size });
  }

  and(term: string, params: Params = {}): this {
    this.#terms.push(term);
    Object.assign(this.params, params);
    return this;
  }

  toString(): string {
    return this.#terms.join(' AND ');
  }
}
