import { determinant, echelon, type Row } from './elimination.ts';

/**
 * Every combination of the rows that involves as little as possible: the vectors of the row space of which no other has a smaller
 * support (the cocircuits of the columns). Whatever can be worked out from the rows at all involves all of one of them, so who looks at
 * these has looked at everything. Fails where there are too many to look at, rather than looking at some.
 */
export function leastCombinations(rows: readonly Row[]): bigint[][] {
  return blocksOf(rows).flatMap(leastOfBlock);
}

const MOST = 20_000;

/** Rows that share columns, directly or through others; combinations of several blocks involve more than those of one. */
function blocksOf(rows: readonly Row[]): Row[][] {
  let blocks: { columns: Set<number>; rows: Row[] }[] = [];
  for (const row of rows) {
    const columns = new Set(row.flatMap((value, index) => (value === 0n ? [] : [index])));
    const touched = blocks.filter((block) => [...columns].some((column) => block.columns.has(column)));
    blocks = blocks.filter((block) => !touched.includes(block));
    blocks.push({
      columns: new Set([...columns, ...touched.flatMap((block) => [...block.columns])]),
      rows: [...touched.flatMap((block) => block.rows), row],
    });
  }
  return blocks.map((block) => block.rows);
}

function leastOfBlock(given: readonly Row[]): bigint[][] {
  const { rows } = echelon(given);
  if (rows.length === 0) return [];
  if (rows.length === 1) return [reduced(rows[0] as Row)];
  const width = rows[0]?.length ?? 0;
  const used = Array.from({ length: width }, (_, column) => column).filter((column) => rows.some((row) => row[column] !== 0n));
  // Columns that are the same in every row vanish together, so one of them stands for all.
  const columns = [...new Map(used.map((column) => [rows.map((row) => String(row[column])).join(), column])).values()];
  const found = new Map<string, bigint[]>();
  let looked = 0;
  for (const vanishing of choices(columns, rows.length - 1)) {
    looked += 1;
    if (looked > MOST) throw new Error(`More than ${MOST} combinations: the check would not be complete.`);
    const weights = orthogonalTo(vanishing.map((column) => rows.map((row) => row[column] as bigint)));
    if (weights.every((weight) => weight === 0n)) continue;
    const sums = Array.from({ length: width }, (_, column) =>
      rows.reduce((sum, row, index) => sum + (weights[index] as bigint) * (row[column] as bigint), 0n),
    );
    found.set(sums.map((value) => (value === 0n ? '0' : '1')).join(''), reduced(sums));
  }
  return [...found.values()];
}

/** The vector that is orthogonal to n - 1 vectors of n entries, by their minors; all zero where they depend on one another. */
function orthogonalTo(vectors: readonly Row[]): bigint[] {
  return Array.from({ length: vectors.length + 1 }, (_, left) => {
    const minor = determinant(vectors.map((vector) => vector.filter((_value, index) => index !== left)));
    return left % 2 === 0 ? minor : -minor;
  });
}

function* choices(items: readonly number[], count: number, from = 0): Generator<number[]> {
  if (count === 0) yield [];
  for (let index = from; count > 0 && index <= items.length - count; index += 1) {
    for (const rest of choices(items, count - 1, index + 1)) yield [items[index] as number, ...rest];
  }
}

/** The same direction in the smallest whole numbers, the first one above zero. */
function reduced(row: Row): bigint[] {
  let divisor = 0n;
  for (const value of row) {
    let [a, b] = [divisor, value < 0n ? -value : value];
    while (b !== 0n) [a, b] = [b, a % b];
    divisor = a;
  }
  const first = row.find((value) => value !== 0n) ?? 1n;
  const sign = first < 0n ? -1n : 1n;
  return row.map((value) => (divisor === 0n ? value : (sign * value) / divisor));
}
