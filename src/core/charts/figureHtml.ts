import { escapeHtml } from '../html.ts';

/** The figures behind a picture. The first cell of a row names it. */
export interface FigureTable {
  columns: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

export interface Figure {
  caption: string;
  /** From `chartSvg`; taken as it is. */
  svg: string;
  table: FigureTable;
  /** What unfolds the table. */
  tableLabel: string;
}

/** A picture with its caption, and the same figures as a table for whoever cannot see it or wants the numbers. */
export function figureHtml({ caption, svg, table, tableLabel }: Figure): string {
  return [
    '<figure>',
    `<figcaption>${escapeHtml(caption)}</figcaption>`,
    svg,
    `<details><summary>${escapeHtml(tableLabel)}</summary>`,
    tableHtml(table, caption),
    '</details>',
    '</figure>',
  ].join('\n');
}

/** A table whose first column holds the rows' headings. Columns of words have the class `text`; what is a number is none. */
export function tableHtml({ columns, rows }: FigureTable, label: string): string {
  const kinds = columns.map((_column, index) => (rows.every((row) => typeof row[index] !== 'number') ? ' class="text"' : ''));
  const head = columns.map((column, index) => `<th scope="col"${kinds[index] ?? ''}>${escapeHtml(column)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = row.map((cell, index) =>
      index === 0 ? `<th scope="row">${escapeHtml(String(cell))}</th>` : `<td${kinds[index] ?? ''}>${escapeHtml(cellText(cell))}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<table aria-label="${escapeHtml(label)}"><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

/** Whole numbers as people read them: `77,759`. */
export function cellText(cell: string | number): string {
  return typeof cell === 'number' && Number.isInteger(cell) ? cell.toLocaleString('en') : String(cell);
}
