import { escapeHtml } from '../../core/html.ts';

/**
 * A page of ours in a webview: text and pictures. Nothing of it is loaded from anywhere, its links are commands that the panel allows one
 * by one, and it runs no script but the one below, where it has sliders.
 */
export interface Page {
  /** Heading and title. */
  title: string;
  /** HTML; whatever is not ours in it has been escaped. */
  body: string;
  /** Language of the text, such as `en`. */
  language: string;
  /** Whether its sliders tell the panel what they are set to. */
  sliders?: boolean;
}

/** The whole document. `nonce` marks the one style, and the one script, that its policy allows. */
export function pageHtml({ title, body, language, sliders = false }: Page, nonce: string): string {
  const script = sliders ? `\n<script nonce="${nonce}">${SLIDERS}</script>` : '';
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'${sliders ? `; script-src 'nonce-${nonce}'` : ''}">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>${script}
</body>
</html>`;
}

/** A link that runs a command of ours, and looks like the editor's buttons. */
export function commandLink(command: string, text: string, kind: 'primary' | 'secondary' = 'primary'): string {
  return `<a class="button ${kind}" role="button" href="command:${escapeHtml(command)}">${escapeHtml(text)}</a>`;
}

/** A paragraph of plain text. */
export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

/** A range of percent that tells the panel what it is set to. `name` is told with it; `of` is what it belongs to, for those who hear it. */
export function slider({ name, of, label, value, most }: { name: string; of: string; label: string; value: number; most: number }): string {
  const id = escapeHtml(`slider-${name}`);
  return `<label for="${id}">${escapeHtml(label)}</label><input type="range" id="${id}" name="${escapeHtml(name)}" aria-label="${escapeHtml(`${of}: ${label}`)}" min="0" max="${most}" step="5" value="${value}"><output for="${id}">${value} %</output>`;
}

/** The page is drawn anew after each change, so it goes on where the person was. */
const SLIDERS = `
const editor = acquireVsCodeApi();
const before = editor.getState();
if (before) {
  window.scrollTo(0, before.top);
  document.getElementById(before.focus)?.focus();
}
document.addEventListener('input', ({ target }) => {
  if (target.type === 'range') target.nextElementSibling.textContent = target.value + ' %';
});
document.addEventListener('change', ({ target }) => {
  if (target.type !== 'range') return;
  editor.setState({ focus: target.id, top: window.scrollY });
  editor.postMessage({ slider: target.name, value: target.valueAsNumber });
});
`;

/** Colours are the editor's, those of high contrast included; charts take theirs from its palette. */
const STYLE = `
:root {
  --chart-text: var(--vscode-foreground);
  --chart-line: var(--vscode-contrastBorder, var(--vscode-widget-border, rgba(128, 128, 128, 0.35)));
  --chart-1: var(--vscode-charts-blue);
  --chart-2: var(--vscode-charts-yellow);
  --chart-3: var(--vscode-charts-green);
  --chart-4: var(--vscode-charts-purple);
  --chart-5: var(--vscode-charts-red);
  --chart-6: var(--vscode-charts-foreground);
}
body { color: var(--vscode-foreground); background: var(--vscode-editor-background); font: var(--vscode-font-size, 13px) / 1.5 var(--vscode-font-family, sans-serif); padding: 0 20px 32px; }
main { max-width: 1000px; }
h1 { font-size: 1.6em; font-weight: 600; margin: 20px 0 8px; }
h2 { font-size: 1.2em; font-weight: 600; margin: 24px 0 8px; }
p { max-width: 70ch; margin: 6px 0; }
.note { color: var(--vscode-descriptionForeground); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(360px, 100%), 1fr)); gap: 16px; align-items: start; }
figure { margin: 0; padding: 12px; border: 1px solid var(--chart-line); border-radius: 4px; }
figcaption { font-weight: 600; margin-bottom: 8px; }
.chart { width: 100%; height: auto; font-family: inherit; }
details { margin-top: 8px; }
summary { cursor: pointer; color: var(--vscode-textLink-foreground); }
table { border-collapse: collapse; margin: 8px 0; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--chart-line); font-weight: normal; vertical-align: top; }
thead th { font-weight: 600; }
th:first-child, .text { text-align: left; overflow-wrap: anywhere; }
h3 { font-size: 1em; font-weight: 600; margin: 16px 0 4px; }
section + section { margin-top: 28px; padding-top: 4px; border-top: 1px solid var(--chart-line); }
.metrics { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(240px, 100%), 1fr)); gap: 12px; margin: 12px 0 16px; }
.metric { padding: 10px 12px; border: 1px solid var(--chart-line); border-radius: 4px; }
.metric p { margin: 0; }
.label, .framework { color: var(--vscode-descriptionForeground); }
.value { font-size: 1.35em; font-weight: 600; line-height: 1.3; }
.missing { font-style: italic; }
.wide { overflow-x: auto; }
.wide th:first-child, .wide .text { overflow-wrap: break-word; }
.choice h2 { font-size: 1em; margin: 14px 0 2px; }
.choice p { margin: 0; }
.choice a { color: var(--vscode-textLink-foreground); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; max-width: 80ch; }
dt { color: var(--vscode-descriptionForeground); }
dd { margin: 0; overflow-wrap: anywhere; }
.slider { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; margin: 4px 0; }
.slider input { flex: 0 1 260px; accent-color: var(--vscode-button-background); }
ul { margin: 4px 0; padding-left: 20px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 16px 0; }
.button { display: inline-block; padding: 4px 12px; border-radius: 2px; text-decoration: none; border: 1px solid var(--vscode-button-border, transparent); }
.primary { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
.primary:hover { background: var(--vscode-button-hoverBackground); }
.secondary { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
.secondary:hover { background: var(--vscode-button-secondaryHoverBackground); }
a:focus-visible, summary:focus-visible, input:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
@media (forced-colors: active) { .button { border-color: ButtonBorder; } }
`;
