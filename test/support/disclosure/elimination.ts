/** Exact linear algebra over whole numbers of any size: nothing is rounded, so that what is found is there and what is not is not. */

export type Row = readonly bigint[];

/** A matrix's rows that depend on no others, in echelon form without fractions (Bareiss), and the column of each row's first entry. */
export function echelon(rows: readonly Row[]): { rows: Row[]; pivots: number[] } {
  const left = rows.map((row) => [...row]);
  const done: bigint[][] = [];
  const pivots: number[] = [];
  let divisor = 1n;
  for (let column = 0; column < (rows[0]?.length ?? 0) && left.length > 0; column += 1) {
    const at = left.findIndex((row) => row[column] !== 0n);
    if (at < 0) continue;
    const [pivotRow] = left.splice(at, 1) as [bigint[]];
    const pivot = pivotRow[column] as bigint;
    for (const row of left) {
      const factor = row[column] as bigint;
      for (const [index, value] of row.entries()) row[index] = (pivot * value - factor * (pivotRow[index] as bigint)) / divisor;
    }
    done.push(pivotRow);
    pivots.push(column);
    divisor = pivot;
  }
  return { rows: done, pivots };
}

/** The determinant of a square matrix; 1 of the empty one. */
export function determinant(rows: readonly Row[]): bigint {
  if (rows.length === 0) return 1n;
  const matrix = rows.map((row) => [...row]);
  let [divisor, sign] = [1n, 1n];
  for (let column = 0; column < matrix.length - 1; column += 1) {
    const at = matrix.findIndex((row, index) => index >= column && row[column] !== 0n);
    if (at < 0) return 0n;
    if (at !== column) {
      [matrix[at], matrix[column]] = [matrix[column] as bigint[], matrix[at] as bigint[]];
      sign = -sign;
    }
    const pivotRow = matrix[column] as bigint[];
    const pivot = pivotRow[column] as bigint;
    for (const row of matrix.slice(column + 1)) {
      const factor = row[column] as bigint;
      for (const [index, value] of row.entries()) row[index] = (pivot * value - factor * (pivotRow[index] as bigint)) / divisor;
    }
    divisor = pivot;
  }
  return sign * (matrix.at(-1)?.at(-1) as bigint);
}
