import { DuckDBInstance } from '@duckdb/node-api';
import path from 'node:path';
import { printMeasured } from './measured.ts';

/** `IN`: the same contributions grouped by DuckDB in a process of its own, for `release.bench.ts`. */

const [, , folder = ''] = process.argv;
await printMeasured(async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  // The fastest of the forms that were tried: dimensions as the text that they are, which saves it building structures.
  const columns = `{week: 'VARCHAR', token: 'VARCHAR', counters: 'STRUCT(counter VARCHAR, dims VARCHAR, value BIGINT)[]'}`;
  const files = path.join(folder, '*.ndjson').replaceAll("'", "''");
  const cells = `SELECT week, token, unnest(counters) AS cell FROM read_json('${files}', format = 'newline_delimited', columns = ${columns})`;
  const grouped = await connection.runAndReadAll(
    `SELECT cell.counter, cell.dims, week, count(DISTINCT token), sum(cell.value) FROM (${cells}) GROUP BY ALL`,
  );
  return grouped.currentRowCount;
});
