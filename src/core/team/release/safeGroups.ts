/**
 * Which cells of a counter's table may be published, and which only together. The rule, and why it isolates nobody, is in
 * docs/reference/team.md: published groups are disjoint, and each is safe by itself.
 */

/** A cell of a table over a window: what each person gave in each week, known by the token of that week. */
export interface TableCell {
  readonly dims: Readonly<Record<string, string>>;
  /** Canonical JSON of `dims`. */
  readonly key: string;
  /** Of each week that has any, each token's value; whole numbers above zero. Tokens of different weeks are never the same person's. */
  readonly weeks: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** What the rule looks at, of a cell or of several together. */
export interface GroupFigures {
  /** The most people of any one week; people of different weeks cannot be told apart or together. */
  people: number;
  total: number;
  /** The sum over the weeks of the largest contribution, and of the two largest: the most that one person, or two, can have in it. */
  largest: number;
  twoLargest: number;
}

/** Threshold and dominance: enough people, nobody is half of it, and it is no secret between two of them. */
export function isSafe({ people, total, largest, twoLargest }: GroupFigures, k: number): boolean {
  return people >= k && 2 * largest <= total && 10 * (total - twoLargest) >= largest;
}

/** The figures of cells that are published as one. */
export function figuresOf(cells: readonly TableCell[]): GroupFigures {
  const figures: GroupFigures = { people: 0, total: 0, largest: 0, twoLargest: 0 };
  for (const people of weeksOf(cells)) {
    let [first, second] = [0, 0];
    for (const value of people.values()) {
      figures.total += value;
      if (value > first) [first, second] = [value, first];
      else if (value > second) second = value;
    }
    figures.people = Math.max(figures.people, people.size);
    figures.largest += first;
    figures.twoLargest += first + second;
  }
  return figures;
}

/** Each week's people with what they gave to all of the cells. */
function weeksOf(cells: readonly TableCell[]): Iterable<ReadonlyMap<string, number>> {
  const [only] = cells;
  if (only !== undefined && cells.length === 1) return only.weeks.values();
  const sums = new Map<string, Map<string, number>>();
  for (const { weeks } of cells) {
    for (const [week, people] of weeks) {
      const sum = sums.get(week) ?? new Map<string, number>();
      sums.set(week, sum);
      for (const [token, value] of people) sum.set(token, (sum.get(token) ?? 0) + value);
    }
  }
  return sums.values();
}

/** What may be published of a table: cells by themselves, and the rest as one. */
export interface SafeGroups {
  cells: readonly { cell: TableCell; total: number }[];
  /** The sum of everything else, where there is anything else. */
  other?: number;
}

/**
 * Groups a counter's cells so that every group is safe: cells that are not, and those of a value `other`, are one remainder; while that
 * is not safe, the least of the safe cells joins it, by people, then value, then key. Undefined where nothing can be published.
 */
export function safeGroups(cells: readonly TableCell[], k: number): SafeGroups | undefined {
  const remainder: TableCell[] = [];
  const safe: Ranked[] = [];
  for (const cell of cells) {
    const figures = figuresOf([cell]);
    if (figures.total === 0) continue;
    if (!isOther(cell) && isSafe(figures, k)) safe.push({ cell, figures });
    else remainder.push(cell);
  }
  safe.sort(compareRanked);
  let joined = 0;
  while (remainder.length > 0 && !isSafe(figuresOf(remainder), k)) {
    const least = safe[joined];
    if (least === undefined) return undefined;
    remainder.push(least.cell);
    joined += 1;
  }
  const published = safe.slice(joined).map(({ cell, figures }) => ({ cell, total: figures.total }));
  if (remainder.length > 0) return { cells: published, other: figuresOf(remainder).total };
  return published.length === 0 ? undefined : { cells: published };
}

interface Ranked {
  cell: TableCell;
  figures: GroupFigures;
}

function compareRanked(one: Ranked, two: Ranked): number {
  return (
    one.figures.people - two.figures.people ||
    one.figures.total - two.figures.total ||
    (one.cell.key < two.cell.key ? -1 : one.cell.key > two.cell.key ? 1 : 0)
  );
}

function isOther({ dims }: TableCell): boolean {
  return Object.values(dims).includes('other');
}
