import type { Counter } from '../../telemetry/counters.ts';
import type { Contribution } from '../contribution.ts';
import type { AdmitOptions, Rejected } from './admit.ts';

/**
 * The port between the rule of a release and whatever holds the contributions: memory, or a database that answers in SQL. An engine sums
 * and counts; what may be published of it is decided here, once for all engines, so that each gives the same bytes.
 */

/** What the rule looks at, of a cell or of several together. Values are clipped, each by its counter, before anything is added. */
export interface GroupFigures {
  /** The most people of any one week; people of different weeks cannot be told apart or together. */
  people: number;
  total: number;
  /** The sum over the weeks of the largest contribution, and of the two largest: the most that one person, or two, can have in it. */
  largest: number;
  twoLargest: number;
}

/** A cell of a counter's table over a window. */
export interface CellFigures {
  readonly dims: Readonly<Record<string, string>>;
  /** Canonical JSON of `dims`. */
  readonly key: string;
  readonly figures: GroupFigures;
}

/** A cell by the key that `WindowTables.cells` gives it. */
export interface CellOfCounter {
  readonly counter: Counter;
  readonly key: string;
}

/** Two groups of cells, which may be of several counters each. */
export interface Pair {
  readonly one: readonly CellOfCounter[];
  readonly other: readonly CellOfCounter[];
}

/** The admitted contributions of one window, each person once a week, as tables. */
export interface WindowTables {
  /** The most people of any one week. A contribution of nothing but zeros is none. */
  people(): Promise<number>;
  /** Every cell of a counter whose total is above zero, in any order. */
  cells(counter: Counter): Promise<readonly CellFigures[]>;
  /**
   * The figures of the first `first` of these cells taken together, then of one cell more each time, to the last. Together means that
   * what a token gave in a week to any of the cells is one value of one person. Whoever asks stops when they have what they need, so an
   * engine may answer one by one, or ask ahead for as many as suits it.
   */
  growing(counter: Counter, keys: readonly string[], first: number): AsyncIterable<GroupFigures>;
  /**
   * Of each pair, the figures of how much a token gave in a week to one group more or less than to the other. Whoever gave the same to
   * both does not count.
   */
  differences(pairs: readonly Pair[]): Promise<readonly GroupFigures[]>;
}

/** A window that can be released. */
export interface OpenWindow {
  readonly from: string;
  readonly to: string;
  /** How many contributions count in it. */
  readonly contributions: number;
  readonly tables: WindowTables;
  /** These contributions, in any order, whole as they came. Only a proof asks for them. */
  read(): Promise<readonly Contribution[]>;
}

export interface Admitted {
  /** Windows that can be released now, first one first. */
  windows: readonly OpenWindow[];
  /** Contributions to windows that are not over, which count later. */
  waiting: number;
  rejected: Rejected;
}

/**
 * What a release is made with. It rejects by `rejectionOf`, lets of several contributions with the same week and token the one count that
 * `isPreferred` prefers, and leaves all that is decided about groups to the rule.
 */
export interface ReleaseEngine {
  admit(options: AdmitOptions): Promise<Admitted>;
}
