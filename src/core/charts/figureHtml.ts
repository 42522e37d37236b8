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

/** A table whose first column holds the rows' headings. */
export function tableHtml({ columns, rows }: FigureTable, label: string): string {
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell) => `<td>${typeof cell === 'number' ? cell : escapeHtml(cell)}</td>`).join('');
    return `<tr><th scope="row">${typeof first === 'number' ? first : escapeHtml(first)}</th>${cells}</tr>`;
  });
  return `<table aria-label="${escapeHtml(label)}"><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}
