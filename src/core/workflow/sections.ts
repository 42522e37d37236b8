/**
 * Whether a markdown text has a heading of this name: ATX (`## Problem`) or setext (underlined), any level, case and surrounding
 * space left aside. Headings inside fenced code are examples, not sections.
 */
export function hasSection(markdown: string, name: string): boolean {
  const wanted = normal(name);
  return headings(markdown).some((heading) => normal(heading) === wanted);
}

function headings(markdown: string): string[] {
  const found: string[] = [];
  let fence: string | undefined;
  let previous = '';
  for (const line of markdown.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (fence !== undefined) {
      // A fence ends with at least as many of the same marks and nothing behind them.
      if (mark?.[1]?.startsWith(fence) === true && mark[2]?.trim() === '') fence = undefined;
      previous = '';
      continue;
    }
    if (mark?.[1] !== undefined) {
      fence = mark[1];
      previous = '';
      continue;
    }
    const atx = /^ {0,3}#{1,6}[ \t]+(.*)$/.exec(line);
    if (atx?.[1] !== undefined) found.push(withoutClosing(atx[1]));
    else if (previous.trim() !== '' && /^ {0,3}(=+|-+)[ \t]*$/.test(line)) found.push(previous);
    previous = atx === null ? line : '';
  }
  return found;
}

/** Takes the optional closing `##` off an ATX heading. A loop, because an expression for it is slow on long runs of marks. */
function withoutClosing(heading: string): string {
  const text = heading.trimEnd();
  let end = text.length;
  while (text[end - 1] === '#') end -= 1;
  const isClosing = end < text.length && (end === 0 || text[end - 1] === ' ' || text[end - 1] === '\t');
  return isClosing ? text.slice(0, end) : text;
}

function normal(heading: string): string {
  return heading.replace(/[*_`]/g, '').trim().replace(/\s+/g, ' ').replace(/:$/, '').toLowerCase();
}
