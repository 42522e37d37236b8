import type { CellIndex } from './cellIndex.ts';
import type { ContributionColumns } from './columns.ts';
import type { CellFigures, GroupFigures, WindowTables } from './tables.ts';

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
  const weeks = weeksOf(columns, members);
  const people = peopleOf(weeks);
  let gifts: readonly Gifts[] | undefined;
  // The rule asks for each, and how much of it was released asks once more.
  const tables = new Map<string, readonly CellFigures[]>();
  const giftsOf = (cell: number): Gifts => {
    gifts ??= sortedByCell(columns, index, members);
    return gifts[cell] ?? { members: new Uint32Array(), values: new Uint32Array() };
  };
  return {
    people: () => Promise.resolve(Math.max(0, ...people)),
    cells: (counter) => {
      const known = tables.get(counter.name) ?? cellsOf(index, counter.name, (cell) => figuresOf(giftsOf(cell), weeks, people.length));
      tables.set(counter.name, known);
      return Promise.resolve(known);
    },
    growing: (counter, keys, first) => {
      const cells = new Map<string, number>();
      const from = index.firstOf(counter.name);
      for (let cell = from; index.cells[cell]?.counter.name === counter.name; cell += 1) cells.set(index.cells[cell]?.key ?? '', cell);
      return growing(
        new Group(weeks, people.length),
        keys.map((key) => giftsOf(cells.get(key) ?? -1)),
        first,
      );
    },
  };
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

async function* growing(group: Group, cells: readonly Gifts[], first: number): AsyncGenerator<GroupFigures> {
  for (const [position, given] of cells.entries()) {
    group.add(given);
    if (position + 1 >= first) yield group.figures();
  }
}

/** Of each member, the week, counted from 0 in the window. */
function weeksOf(columns: ContributionColumns, members: Uint32Array): Uint16Array {
  const numbers = new Map<number, number>();
  const weeks = new Uint16Array(members.length);
  members.forEach((contribution, member) => {
    const week = columns.weekOf(contribution) ?? -1;
    const number = numbers.get(week) ?? numbers.size;
    numbers.set(week, number);
    weeks[member] = number;
  });
  return weeks;
}

/** How many there are in each week. */
function peopleOf(weeks: Uint16Array): number[] {
  const people: number[] = [];
  for (const week of weeks) people[week] = (people[week] ?? 0) + 1;
  return people;
}

function sortedByCell(columns: ContributionColumns, index: CellIndex, members: Uint32Array): Gifts[] {
  const sizes = new Uint32Array(index.cells.length);
  for (const member of members) {
    columns.eachCell(member, (cell, value) => {
      if (value > 0) sizes[cell] = (sizes[cell] ?? 0) + 1;
    });
  }
  const gifts = Array.from(sizes, (size) => ({ members: new Uint32Array(size), values: new Uint32Array(size) }));
  const clips = index.cells.map(({ counter }) => counter.clip);
  sizes.fill(0);
  members.forEach((contribution, member) => {
    columns.eachCell(contribution, (cell, value) => {
      const given = gifts[cell];
      if (value === 0 || given === undefined) return;
      const at = sizes[cell] ?? 0;
      given.members[at] = member;
      given.values[at] = Math.min(value, clips[cell] ?? 0);
      sizes[cell] = at + 1;
    });
  });
  return gifts;
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
    for (let at = 0; at < members.length; at += 1) {
      const member = members[at] ?? 0;
      const value = values[at] ?? 0;
      const week = this.#weeks[member] ?? 0;
      const before = this.#sums[member] ?? 0;
      if (before === 0) this.#people[week] = (this.#people[week] ?? 0) + 1;
      this.#total += value;
      this.#sums[member] = before + value;
      this.#rank(week, member, before + value);
    }
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
}
