// What every list in the middle pane can do, so that keys and the list view need not know which one it is.

import type { CallFailed } from '../engine/call';

/** Height of a row in pixels; the style sheet and the arithmetic must agree. */
export const ROW_HEIGHT = 60;
/** The same for rows of one line. */
export const COMPACT_HEIGHT = 36;

/** A list with one selected row. */
export interface ListModel {
  readonly count: number;
  readonly selectedIndex: number;
  /** Whether it has been asked for and the answer is here. */
  readonly loaded: boolean;
  /** Why it could not be fetched. */
  readonly failure: CallFailed | null;
  /** How far it is scrolled, so that one comes back to where one was. */
  scrollTop: number;
  /** Selects a row, and shows it where showing has no effect of its own. */
  select(index: number): void;
  /** Opens the selected row. */
  open(): void;
}
