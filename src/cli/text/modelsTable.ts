import { amountText, countText, durationText, moneyText, shareText } from '../../core/ai/models/figures.ts';
import type { Money } from '../../core/ai/models/health.ts';
import type { ModelStatus } from '../../core/ai/models/modelStatus.ts';
import { capabilityWords } from './modelWords.ts';
import type { Paint } from './status.ts';

/** Columns of a terminal that everybody has. */
const WIDTH = 120;
const GAP = '  ';
const INDENT = '    ';
const LEAST = 8;

const HEADS = ['model', 'for', 'calls', 'p50', 'p95', 'errors', 'tokens', 'cost', 'today', 'SLO', 'circuit'] as const;
/** Columns that give way, the first one first. */
const NARROWED = [1, 0, 7, 8] as const;

/** A table of models, with what else is to say about each below its row. `now` in milliseconds since the Unix epoch. */
export function modelsTable(models: readonly ModelStatus[], now: number, paint: Paint): string[] {
  const rows = models.map((model) => cellsOf(model, now));
  const widths = fitted(HEADS.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => shortened(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd();
  return [
    paint('dim', line(HEADS)),
    ...models.flatMap((model, index) => [
      model.inUse ? paint('bold', line(rows[index] ?? [])) : line(rows[index] ?? []),
      ...wrapped(notesOf(model), paint),
    ]),
  ];
}

function cellsOf(model: ModelStatus, now: number): string[] {
  const { circuit, slo } = model;
  return [
    `${model.inUse ? '* ' : '  '}${model.name}`,
    model.roles.join(', ') || '–',
    String(model.calls),
    durationText(model.p50),
    durationText(model.p95),
    model.settled === 0 ? '–' : shareText(model.errorRate),
    `${countText(model.inputTokens)}/${countText(model.outputTokens)}`,
    sum(model.cost),
    todayText(model),
    slo === undefined ? '–' : slo.verdict === 'too-few-calls' ? 'too few calls' : slo.verdict,
    circuit.state === 'open' ? `open, ${Math.max(1, Math.ceil((circuit.until - now) / 1000))} s` : circuit.state,
  ];
}

/** `0.12 of 5.00 USD` where a day has a limit. */
function todayText({ today, budget }: ModelStatus): string {
  if (budget?.perDay === undefined) return sum(today);
  const spent = today.find(({ currency }) => currency === budget.currency)?.amount ?? 0;
  return `${amountText(spent + budget.heldToday)} of ${amountText(budget.perDay)} ${budget.currency}`;
}

function sum(costs: readonly Money[]): string {
  return costs.length === 0 ? '–' : costs.map(moneyText).join(' + ');
}

function notesOf(model: ModelStatus): string[] {
  const { name, inFile, origin, budget, fallback, lastFailure, problem, capabilities } = model;
  const limit = budget?.perRun;
  return [
    ...(origin === '' ? [model.model || 'any model of the editor'] : [`${model.model} at ${origin}`]),
    ...(inFile ? [] : ['not in .handrail/models.yml']),
    ...(capabilities === undefined ? [] : capabilityWords(capabilities)),
    ...(capabilities?.contextTokens === undefined ? [] : [`takes ${countText(capabilities.contextTokens)} tokens`]),
    ...(budget === undefined || limit === undefined ? [] : [`at most ${moneyText({ amount: limit, currency: budget.currency })} a run`]),
    ...(fallback.length === 0 ? [] : [`falls back to ${fallback.join(', ')}`]),
    ...(lastFailure === undefined ? [] : [`failed last on ${new Date(lastFailure.at).toISOString().slice(0, 10)} (${lastFailure.reason})`]),
    ...(problem === undefined ? [] : [[problem.message, problem.hint].filter((part) => part !== undefined).join(' ')]),
    ...(model.needsKey === true ? ['a key is missing'] : []),
    ...(inFile && model.confirmed === false ? [`not confirmed: handrail models confirm ${name}${model.inUse ? '' : ' --keep'}`] : []),
  ];
}

/** Widths that fit a terminal together: names give way before figures. */
function fitted(widths: number[]): number[] {
  const found = [...widths];
  const over = (): number => found.reduce((all, width) => all + width, 0) + GAP.length * (found.length - 1) - WIDTH;
  for (const column of NARROWED) {
    const width = found[column] ?? 0;
    found[column] = Math.max(Math.min(width, LEAST), width - Math.max(0, over()));
  }
  return found;
}

function shortened(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Pieces with dots between them, on as many lines as it takes; a piece is broken only where it is too long for one. */
function wrapped(pieces: readonly string[], paint: Paint): string[] {
  const lines: string[] = [];
  const add = (text: string, separator: string): void => {
    const last = lines.at(-1);
    if (last !== undefined && INDENT.length + last.length + separator.length + text.length <= WIDTH) {
      lines[lines.length - 1] = last + separator + text;
    } else lines.push(text);
  };
  for (const piece of pieces) {
    if (INDENT.length + piece.length <= WIDTH) add(piece, ' · ');
    else piece.split(' ').forEach((word, index) => add(word, index === 0 ? ' · ' : ' '));
  }
  return lines.map((line) => `${INDENT}${paint('dim', line)}`);
}
