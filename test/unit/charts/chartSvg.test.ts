import assert from 'node:assert/strict';
import { chartSvg, type ChartOption } from '../../../src/core/charts/chartSvg.ts';
import { figureHtml } from '../../../src/core/charts/figureHtml.ts';

const OPTION: ChartOption = {
  legend: {},
  xAxis: { type: 'category', data: ['W40', '<W41 onload="x">'] },
  yAxis: { type: 'value' },
  series: [
    { type: 'bar', name: 'a</text><script>', data: [1, 2] },
    { type: 'line', name: 'zr0-cls-0 style="color:red;"', data: [2, 1], areaStyle: {} },
  ],
};
const FRAME = { id: 'one', label: 'Weeks "and" <more>', width: 300, height: 120 };

describe('charts', () => {
  it('draw the same bytes again, and need nothing of a page but its colours', () => {
    const svg = chartSvg(OPTION, FRAME);
    assert.equal(chartSvg(OPTION, FRAME), svg);
    assert.match(svg, /^<svg /);
    assert.match(svg, /fill="var\(--chart-1\)"/);
    assert.match(svg, /fill="var\(--chart-text\)"/);
    // A strict policy for content forbids styles and scripts.
    assert.doesNotMatch(svg, /<style|<script|<foreignObject| style="| on\w+="|ecmeta|#[0-9a-f]{6}(?=" fill-opacity="1")/i);
  });

  it('escape every word', () => {
    const svg = chartSvg(OPTION, FRAME);
    assert.match(svg, /aria-label="Weeks &quot;and&quot; &lt;more&gt;"/);
    assert.match(svg, /&lt;W41 onload=&quot;x&quot;&gt;/);
    assert.match(svg, /a&lt;\/text&gt;&lt;script&gt;/);
    assert.match(svg, /zr0-cls-0 style=&quot;color:red;&quot;/);
  });

  it('have names of their own, so that several stand on one page', () => {
    const named = (id: string): string[] => [...chartSvg(OPTION, { ...FRAME, id }).matchAll(/ id="([^"]+)"/g)].map(([, name = '']) => name);
    const [one, two] = [named('one'), named('two')];
    assert.ok(one.length > 1, 'a clip path has a name');
    assert.deepEqual(
      one.filter((name) => two.includes(name)),
      [],
    );
  });

  it('stand with their figures in a table', () => {
    const html = figureHtml({
      caption: 'A & B',
      svg: '<svg></svg>',
      table: { columns: ['Week', 'Runs'], rows: [['<W41>', 2]] },
      tableLabel: 'As a table',
    });
    assert.match(html, /<figcaption>A &amp; B<\/figcaption>/);
    assert.match(html, /<th scope="col" class="text">Week<\/th><th scope="col">Runs<\/th>/);
    assert.match(html, /<th scope="row">&lt;W41&gt;<\/th><td>2<\/td>/);
  });
});
