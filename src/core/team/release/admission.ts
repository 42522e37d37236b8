import { utf8ToBytes } from '@noble/hashes/utils.js';
import { startOfWeek } from '../../telemetry/week.ts';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../contribution.ts';
import { releasedFrom, windowOf, type Window } from '../window.ts';
import { type AdmitOptions, isPreferred, NONE_REJECTED, type Rejected, type Rejection, rejectionOf } from './admit.ts';
import { CellIndex } from './cellIndex.ts';
import { type ColumnParts, ContributionColumns, Draft, grown } from './columns.ts';
import { columnTables } from './columnTables.ts';
import { ContributionReader } from './contributionReader.ts';
import type { Admitted, OpenWindow } from './tables.ts';
import { readToken, tokenText } from './tokenWords.ts';

const NEWLINE = 0x0a;

/** What was taken in elsewhere, with the same options. */
export interface AdmissionParts {
  columns: ColumnParts;
  /** By their numbers in the columns. */
  weeks: string[];
  rejected: Rejected;
}

interface KnownWeek {
  week: string;
  window: Window;
  isLate: boolean;
}

/**
 * Takes contributions in one by one, each person's of a week once, and sorts them into the windows that they count in. It keeps numbers
 * and no objects, so that ten thousand people's year is a few dozen megabytes.
 */
export class Admission {
  readonly #options: AdmitOptions;
  readonly #index: CellIndex;
  readonly #reader: ContributionReader;
  readonly #columns = new ContributionColumns();
  readonly #draft = new Draft();
  readonly #loaded = new Draft();
  readonly #rejected: Rejected = { ...NONE_REJECTED };
  readonly #weeks: KnownWeek[] = [];
  /** By year times 100 and number of the week; -1 where there is no such week. */
  readonly #weekNumbers = new Map<number, number>();

  /** Whether the draft counts instead of one that is there. Made once: there may be millions of drafts. */
  readonly #isPreferred = (other: number): boolean => isPreferred(this.#contributionOf(this.#draft), this.#contributionAt(other));

  constructor(options: AdmitOptions) {
    const { team, registry } = options;
    this.#options = options;
    this.#index = new CellIndex(registry.counters);
    this.#reader = new ContributionReader({ team, registry, index: this.#index, weekNumber: (code) => this.#weekNumber(code) });
  }

  /** Counts what is no contribution at all. */
  reject(reason: Rejection): void {
    this.#rejected[reason] += 1;
  }

  add(contribution: Contribution): void {
    const rejection = rejectionOf(contribution, this.#options);
    if (rejection !== undefined) {
      this.reject(rejection);
      return;
    }
    const { week, token, revision, counters } = contribution;
    const draft = this.#draft;
    draft.week = this.#weekNumber(codeOf(week));
    readToken(utf8ToBytes(token), 0, draft.token);
    draft.revision = revision;
    draft.size = counters.length;
    for (const [at, { counter, dims, value }] of counters.entries()) {
      draft.cells[at] = this.#index.numberOf(counter, dims);
      draft.values[at] = value;
    }
    this.#addDraft();
  }

  /**
   * Takes in the contribution that is the line that begins at a byte. Gives the place of the newline that ends it, or -1 where it is to
   * be parsed and validated first; nothing was taken in then.
   */
  addLine(bytes: Uint8Array, start: number): number {
    const end = this.#reader.read(bytes, start, this.#draft);
    if (end < 0 || bytes[end] !== NEWLINE) return -1;
    if (this.#weeks[this.#draft.week]?.isLate === true) this.reject('late');
    else this.#addDraft();
    return end;
  }

  parts(): AdmissionParts {
    return { columns: this.#columns.parts(), weeks: this.#weeks.map(({ week }) => week), rejected: this.#rejected };
  }

  /** Takes in all that another took in. */
  addParts({ columns: parts, weeks, rejected }: AdmissionParts): void {
    const numbers = weeks.map((week) => this.#weekNumber(codeOf(week)));
    const columns = ContributionColumns.ofParts(parts);
    for (let index = 0; index < columns.length; index += 1) {
      const week = columns.weekOf(index);
      if (week === undefined) continue;
      const number = numbers[week] ?? missing();
      if (this.#columns.take(columns, index, number)) continue;
      columns.load(index, this.#draft);
      this.#draft.week = number;
      this.#addDraft();
    }
    for (const reason of Object.keys(rejected) as Rejection[]) this.#rejected[reason] += rejected[reason];
  }

  admitted(): Admitted {
    const open = new Map<string, { window: Window; members: Uint32Array; size: number }>();
    // By number of the week; undefined for those that are not over.
    const openOf = this.#weeks.map(({ window }) => {
      if (this.#options.now < releasedFrom(window)) return undefined;
      const one = open.get(window.from) ?? { window, members: new Uint32Array(64), size: 0 };
      open.set(window.from, one);
      return one;
    });
    let waiting = 0;
    for (let member = 0; member < this.#columns.length; member += 1) {
      const week = this.#columns.weekOf(member);
      // What says what an idle week says must leave what an idle week leaves: nothing, in the band of participation neither.
      if (week === undefined || this.#columns.isIdle(member)) continue;
      const one = openOf[week];
      if (one === undefined) {
        waiting += 1;
        continue;
      }
      if (one.size === one.members.length) one.members = grown(one.members, new Uint32Array(2 * one.size));
      one.members[one.size] = member;
      one.size += 1;
    }
    const windows = [...open.values()]
      .filter(({ size }) => size > 0)
      .toSorted((a, b) => (a.window.from < b.window.from ? -1 : 1))
      .map(({ window, members, size }) => this.#opened(window, members.subarray(0, size)));
    return { windows, waiting, rejected: this.#rejected };
  }

  #opened({ from, to }: Window, members: Uint32Array): OpenWindow {
    return {
      from,
      to,
      contributions: members.length,
      tables: columnTables(this.#columns, this.#index, members),
      read: () => Promise.resolve(Array.from(members, (member) => this.#contributionAt(member))),
    };
  }

  #addDraft(): void {
    if (!this.#columns.add(this.#draft, this.#isPreferred)) this.reject('duplicate');
  }

  #contributionAt(index: number): Contribution {
    this.#columns.load(index, this.#loaded);
    return this.#contributionOf(this.#loaded);
  }

  #contributionOf({ week, token, revision, size, cells, values }: Draft): Contribution {
    const { team, registry } = this.#options;
    const counters = Array.from(cells.subarray(0, size), (cell, at) => this.#cellOf(cell, values[at] ?? 0));
    return {
      schema: CONTRIBUTION_SCHEMA,
      week: this.#weekAt(week).week,
      team,
      registry: registry.digest,
      token: tokenText(token),
      revision,
      counters,
    };
  }

  #cellOf(cell: number, value: number): Contribution['counters'][number] {
    const { counter, dims } = this.#index.cells[cell] ?? missing();
    return { counter: counter.name, dims, value };
  }

  #weekAt(number: number): KnownWeek {
    return this.#weeks[number] ?? missing();
  }

  #weekNumber(code: number): number {
    const known = this.#weekNumbers.get(code);
    if (known !== undefined) return known;
    const week = `${String(Math.floor(code / 100)).padStart(4, '0')}-W${String(code % 100).padStart(2, '0')}`;
    const window = startOfWeek(week) === undefined ? undefined : windowOf(week, this.#options.window);
    if (window !== undefined) this.#weeks.push({ week, window, isLate: window.from <= this.#options.lastReleased });
    const number = window === undefined ? -1 : this.#weeks.length - 1;
    this.#weekNumbers.set(code, number);
    return number;
  }
}

/** Its year times 100 and its number in it. */
function codeOf(week: string): number {
  return Number(week.slice(0, 4)) * 100 + Number(week.slice(6));
}

function missing(): never {
  throw new RangeError('There is no such number.');
}
