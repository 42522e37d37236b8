import { BarChart, LineChart, type BarSeriesOption, type LineSeriesOption } from 'echarts/charts';
import { GridComponent, LegendComponent, type GridComponentOption, type LegendComponentOption } from 'echarts/components';
import { init, use, type ComposeOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escapeHtml } from '../html.ts';

/**
 * Charts as SVG text, drawn without a browser. They are pictures: no script, no styles of their own, nothing that a page's content
 * security policy would have to allow. Colours are CSS variables that the page around them sets, so that one picture follows every theme.
 */

export type ChartOption = ComposeOption<BarSeriesOption | LineSeriesOption | GridComponentOption | LegendComponentOption>;

/** What a page has to set, each a colour. Series take `--chart-1` to `--chart-6` in turn. */
export const CHART_COLOURS = {
  text: 'var(--chart-text)',
  line: 'var(--chart-line)',
  series: [1, 2, 3, 4, 5, 6].map((number) => `var(--chart-${number})`),
} as const;

export interface ChartFrame {
  /** Unique on its page: letters, digits and dashes. */
  id: string;
  /** What the picture says, for those who do not see it. */
  label: string;
  /** Pixels of the drawing; the picture scales with its page. */
  width: number;
  height: number;
}

/** The picture of a chart. The same option and frame give the same text. */
export function chartSvg(option: ChartOption, { id, label, width, height }: ChartFrame): string {
  use([BarChart, LineChart, GridComponent, LegendComponent, SVGRenderer]);
  const chart = init(null, THEME, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ ...option, animation: false });
    const drawn = plain(chart.renderToSVGString({ useViewBox: true }), id);
    return drawn.replace(/^<svg[^>]*>/, `<svg ${attributes({ id, label, width, height })}>`);
  } finally {
    chart.dispose();
  }
}

function attributes({ id, label, width, height }: ChartFrame): string {
  return `xmlns="http://www.w3.org/2000/svg" id="${escapeHtml(id)}" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" class="chart"`;
}

/** Without what only scripts and a mouse would use; styles as attributes; names that no other picture of the page has. */
function plain(svg: string, id: string): string {
  return svg
    .replace(/<style ?>.*?<\/style>/s, '')
    .replace(/ (?:ecmeta_\w+|class|pointer-events|baseProfile|version)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_all, style: string) => style.replace(/([\w-]+):([^;]*);/g, ' $1="$2"'))
    .replace(/(id="|url\(#)zr\d+-/g, `$1${id}-`)
    .replace(/\n+/g, '\n');
}

const AXIS = {
  axisLabel: { color: CHART_COLOURS.text, fontSize: 11 },
  axisLine: { lineStyle: { color: CHART_COLOURS.line } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: CHART_COLOURS.line } },
  nameTextStyle: { color: CHART_COLOURS.text },
};

const THEME = {
  grid: { left: 0, right: 8, top: 30, bottom: 0, outerBounds: { left: 0, right: 8, top: 30, bottom: 0 } },
  color: CHART_COLOURS.series,
  textStyle: { fontFamily: 'inherit', color: CHART_COLOURS.text },
  legend: {
    top: 0,
    left: 0,
    itemGap: 22,
    textStyle: { color: CHART_COLOURS.text, fontSize: 11 },
    icon: 'rect',
    itemWidth: 10,
    itemHeight: 10,
  },
  categoryAxis: { ...AXIS, splitLine: { show: false } },
  valueAxis: AXIS,
  timeAxis: AXIS,
  line: { symbol: 'circle', symbolSize: 5 },
};
