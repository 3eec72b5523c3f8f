/** What the list and the panel beside it say to each other about the event that is opened. */
import type { EventItem } from '@vitrine/schema/api';
import type { EventTab } from './url-state.ts';

export interface OpenedEvent {
  session: string;
  /** Leaf index. */
  index: number;
  /** As the list has it; read from the API when the list does not hold it. */
  item: EventItem | undefined;
  /** Published size of the log. */
  size: number;
  tab: EventTab;
  onTab(tab: EventTab): void;
  /** Adds a term to the query of the list. */
  onTerm(term: string): void;
  onClose(): void;
  /** Absent where the list ends. */
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}
