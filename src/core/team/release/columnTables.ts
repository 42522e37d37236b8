import type { CellIndex } from './cellIndex.ts';
import type { ContributionColumns } from './columns.ts';
import type { CellFigures, CellOfCounter, GroupFigures, Pair, WindowTables } from './tables.ts';

/** What was given to a cell in a window: by which member, and how much, clipped. One member is one person in one week. */
interface Gifts {
  members: Uint32Array;
  values: Uint32Array;
}

/**
 * The tables of a window over columns. `members` are the contributions that count in it. What was given is sorted by cell when the first
 * table is asked for, so that every figure looks only at what is in it.
 */
export function columnTables(columns: ContributionColumns, index: CellIndex, members: Uint32Array): WindowTables {
  const { weeks, people } = weeksOf(columns, members);
  let sorted: SortedGifts | undefined;
  const giftsOf = (cell: number): Gifts => (sorted ??= new SortedGifts(columns, index, members)).of(cell);
  // The rule asks for each, and how much of it was released asks once more.
  const tables = new Map<string, readonly CellFigures[]>();
  // As large as there are members, so what was used once is used again.
  const spare: Group[] = [];
  const cellsByKey = new Map<string, ReadonlyMap<string, number>>();
  const numbersOf = (counter: string): ReadonlyMap<string, number> => {
    const known = cellsByKey.get(counter) ?? numbersByKey(index, counter);
    cellsByKey.set(counter, known);
    return known;
  };
  return {
    people: () => Promise.resolve(Math.max(0, ...people)),
    cells: (counter) => {
      const known = tables.get(counter.name) ?? cellsOf(index, counter.name, (cell) => figuresOf(giftsOf(cell), weeks, people.length));
      tables.set(counter.name, known);
      return Promise.resolve(known);
    },
    growing: (counter, keys, first) => {
      const cells = numbersOf(counter.name);
      const given = keys.map((key) => giftsOf(cells.get(key) ?? -1));
      return growing(given, first, spare, () => new Group(weeks, people.length));
    },
    differences: (pairs) => {
      const sums = new Int32Array(pairs.length === 0 ? 0 : weeks.length);
      const given = (cells: readonly CellOfCounter[]): Gifts[] =>
        cells.map(({ counter, key }) => giftsOf(numbersOf(counter.name).get(key) ?? -1));
      const figures = ({ one, other }: Pair): GroupFigures =>
        differenceFigures(given(one), given(other), { sums, weeks, size: people.length });
      return Promise.resolve(pairs.map(figures));
    },
  };
}

/** Numbers of a counter's cells by their keys. */
function numbersByKey(index: CellIndex, counter: string): ReadonlyMap<string, number> {
  const cells = new Map<string, number>();
  const from = index.firstOf(counter);
  for (let cell = from; index.cells[cell]?.counter.name === counter; cell += 1) cells.set(index.cells[cell]?.key ?? '', cell);
  return cells;
}

/**
 * The figures of what each member gave more to one group than to the other. `sums` has a zero for each member, before and after; clips are
 * far below what it can hold.
 */
function differenceFigures(
  one: readonly Gifts[],
  other: readonly Gifts[],
  { sums, weeks, size }: { sums: Int32Array; weeks: Uint16Array; size: number },
): GroupFigures {
  const add = ({ members, values }: Gifts, sign: 1 | -1): void => {
    for (let at = 0; at < members.length; at += 1) {
      const member = members[at] ?? 0;
      sums[member] = (sums[member] ?? 0) + sign * (values[at] ?? 0);
    }
  };
  for (const given of one) add(given, 1);
  for (const given of other) add(given, -1);
  const [people, first, second] = [new Uint32Array(size), new Float64Array(size), new Float64Array(size)];
  let total = 0;
  for (const { members } of [...one, ...other]) {
    for (let at = 0; at < members.length; at += 1) {
      const member = members[at] ?? 0;
      const value = Math.abs(sums[member] ?? 0);
      // Whoever gave to several cells is looked at once.
      sums[member] = 0;
      if (value === 0) continue;
      const week = weeks[member] ?? 0;
      const largest = first[week] ?? 0;
      people[week] = (people[week] ?? 0) + 1;
      total += value;
      second[week] = Math.max(second[week] ?? 0, Math.min(largest, value));
      first[week] = Math.max(largest, value);
    }
  }
  return figuresOfWeeks(people, total, first, second);
}

async function* growing(cells: readonly Gifts[], first: number, spare: Group[], create: () => Group): AsyncGenerator<GroupFigures> {
  const group = spare.pop() ?? create();
  let added = 0;
  try {
    for (const given of cells) {
      group.add(given);
      added += 1;
      if (added >= first) yield group.figures();
    }
  } finally {
    for (const given of cells.slice(0, added)) group.clear(given);
    spare.push(group);
  }
}

function cellsOf(index: CellIndex, counter: string, figures: (cell: number) => GroupFigures): CellFigures[] {
  const found: CellFigures[] = [];
  for (let cell = index.firstOf(counter); index.cells[cell]?.counter.name === counter; cell += 1) {
    const { dims, key } = index.cells[cell] ?? { dims: {}, key: '' };
    const of = figures(cell);
    if (of.total > 0) found.push({ dims, key, figures: of });
  }
  return found;
}

/** The figures of one cell, which each member gave to once, in `size` weeks. */
function figuresOf({ members, values }: Gifts, weeks: Uint16Array, size: number): GroupFigures {
  const [people, first, second] = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)];
  let total = 0;
  for (let at = 0; at < members.length; at += 1) {
    const value = values[at] ?? 0;
    const week = weeks[members[at] ?? 0] ?? 0;
    const largest = first[week] ?? 0;
    people[week] = (people[week] ?? 0) + 1;
    total += value;
    if (value > largest) {
      second[week] = largest;
      first[week] = value;
    } else if (value > (second[week] ?? 0)) {
      second[week] = value;
    }
  }
  return figuresOfWeeks(people, total, first, second);
}

function figuresOfWeeks(
  people: Uint32Array,
  total: number,
  first: Uint32Array | Float64Array,
  second: Uint32Array | Float64Array,
): GroupFigures {
  let [most, largest, twoLargest] = [0, 0, 0];
  for (let week = 0; week < people.length; week += 1) {
    most = Math.max(most, people[week] ?? 0);
    largest += first[week] ?? 0;
    twoLargest += (first[week] ?? 0) + (second[week] ?? 0);
  }
  return { people: most, total, largest, twoLargest };
}

/** Of each member the week, counted from 0 in the window, and of each week how many there are. */
function weeksOf(columns: ContributionColumns, members: Uint32Array): { weeks: Uint16Array; people: number[] } {
  const numbers: number[] = [];
  const people: number[] = [];
  const weeks = new Uint16Array(members.length);
  for (let member = 0; member < members.length; member += 1) {
    const week = (numbers[columns.weekOf(members[member] ?? 0) ?? 0] ??= people.push(0) - 1);
    people[week] = (people[week] ?? 0) + 1;
    weeks[member] = week;
  }
  return { weeks, people };
}

/** What was given in a window, those of one cell beside each other. */
class SortedGifts {
  /** Where those of each cell end; they begin where those of the one before end. */
  readonly #ends: Uint32Array;
  readonly #members: Uint32Array;
  readonly #values: Uint32Array;

  constructor(columns: ContributionColumns, index: CellIndex, members: Uint32Array) {
    const ends = new Uint32Array(index.cells.length + 1);
    // First where they begin, then, one step on for each that is put there, where they end.
    const count = (cell: number, value: number): void => {
      if (value > 0) ends[cell + 1] = (ends[cell + 1] ?? 0) + 1;
    };
    for (const member of members) columns.eachCell(member, count);
    for (let cell = 1; cell < ends.length; cell += 1) ends[cell] = (ends[cell] ?? 0) + (ends[cell - 1] ?? 0);
    this.#members = new Uint32Array(ends.at(-1) ?? 0);
    this.#values = new Uint32Array(this.#members.length);
    const clips = Uint32Array.from(index.cells, ({ counter }) => counter.clip);
    let member = 0;
    const put = (cell: number, value: number): void => {
      if (value === 0) return;
      const at = ends[cell] ?? 0;
      this.#members[at] = member;
      this.#values[at] = Math.min(value, clips[cell] ?? 0);
      ends[cell] = at + 1;
    };
    for (; member < members.length; member += 1) columns.eachCell(members[member] ?? 0, put);
    this.#ends = ends;
  }

  of(cell: number): Gifts {
    const start = cell <= 0 ? 0 : (this.#ends[cell - 1] ?? 0);
    const end = this.#ends[cell] ?? 0;
    return { members: this.#members.subarray(start, end), values: this.#values.subarray(start, end) };
  }
}

/** Cells taken together. Sums only grow, so the two largest of each week can be kept up as they do. */
class Group {
  readonly #weeks: Uint16Array;
  /** Of each member. */
  readonly #sums: Float64Array;
  /** Of each week. */
  readonly #people: Uint32Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  /** Whose the largest sum is. */
  readonly #owner: Int32Array;
  #total = 0;

  /** `size` is how many weeks there are. */
  constructor(weeks: Uint16Array, size: number) {
    this.#weeks = weeks;
    this.#sums = new Float64Array(weeks.length);
    this.#people = new Uint32Array(size);
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
    this.#owner = new Int32Array(size).fill(-1);
  }

  add({ members, values }: Gifts): void {
    const [weeks, sums, people] = [this.#weeks, this.#sums, this.#people];
    let total = 0;
    for (let at = 0; at < members.length; at += 1) {
      const member = members[at] ?? 0;
      const value = values[at] ?? 0;
      const week = weeks[member] ?? 0;
      const before = sums[member] ?? 0;
      if (before === 0) people[week] = (people[week] ?? 0) + 1;
      total += value;
      sums[member] = before + value;
      this.#rank(week, member, before + value);
    }
    this.#total += total;
  }

  #rank(week: number, member: number, sum: number): void {
    const first = this.#first[week] ?? 0;
    if (this.#owner[week] === member) {
      this.#first[week] = sum;
    } else if (sum > first) {
      this.#second[week] = first;
      this.#first[week] = sum;
      this.#owner[week] = member;
    } else if (sum > (this.#second[week] ?? 0)) {
      // Whoever was second and grows stays so, or takes the place of a smaller one.
      this.#second[week] = sum;
    }
  }

  figures(): GroupFigures {
    return figuresOfWeeks(this.#people, this.#total, this.#first, this.#second);
  }

  /** Makes it empty again. `given` are all that were added, one by one. */
  clear({ members }: Gifts): void {
    for (let at = 0; at < members.length; at += 1) this.#sums[members[at] ?? 0] = 0;
    this.#people.fill(0);
    this.#first.fill(0);
    this.#second.fill(0);
    this.#owner.fill(-1);
    this.#total = 0;
  }
}
