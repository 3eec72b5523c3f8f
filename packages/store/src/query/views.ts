/** The analyst's views of a log: sums over events, each bounded, each saying of how many it is. */
import type { Approvals, ApprovalViews, Egress, Files, ProcessTree } from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type {
  ApprovalQuery,
  ApprovalViewQuery,
  EgressQuery,
  FileQuery,
  ProcessQuery,
} from '../view-query.ts';
import { approvalViews } from './approval-views.ts';
import { approvals } from './approvals.ts';
import { egress } from './egress.ts';
import { files } from './files.ts';
import { processes } from './processes.ts';

export class Views {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** `max`: events that are read at most, when that is fewer than the limit. */
  files(query: FileQuery, max?: number): Promise<Files> {
    return files(this.#connection, query, max);
  }

  egress(query: EgressQuery, max?: number): Promise<Egress> {
    return egress(this.#connection, query, max);
  }

  processes(query: ProcessQuery, max?: number): Promise<ProcessTree> {
    return processes(this.#connection, query, max);
  }

  approvals(query: ApprovalQuery): Promise<Approvals> {
    return approvals(this.#connection, query);
  }

  /** By user and tool, with what came of them. */
  approvalViews(query: ApprovalViewQuery, max?: number): Promise<ApprovalViews> {
    return approvalViews(this.#connection, query, max);
  }
}
