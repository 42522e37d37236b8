import type {
  AutomationEvent,
  AutomationResult,
  AutomationRules,
  StepPerformance,
  WaitingStep,
} from '../../core/workflow/automation/automation.ts';
import type { Forecast } from '../../core/workflow/automation/forecast.ts';
import type { Asked } from '../automationForecast.ts';
import type { Run } from '../../core/workflow/run.ts';
import { printable, printableLine } from './printable.ts';
import type { Paint } from './status.ts';

/** One line for something that happened in a run of several steps. */
export function eventText(event: AutomationEvent, paint: Paint): string {
  switch (event.type) {
    case 'started': {
      const { step, attempt, of } = event;
      return `${paint('cyan', '▶')} ${paint('bold', step.id)}  ${printableLine(step.title)}${attempt > 1 ? ` (attempt ${attempt} of ${of})` : ''}`;
    }
    case 'again':
      return `${paint('yellow', '↻')} ${event.step.id}  ${printableLine(event.detail)}; once more`;
    case 'ended':
      return `${performanceText(event.performance, paint)} ${paint('dim', `· ${event.settled} of ${event.total}`)}`;
    case 'elsewhere':
      return `${paint('cyan', '…')} ${event.steps.map(({ id }) => id).join(', ')}  performed by another process; waiting for it`;
  }
}

function performanceText({ id, outcome, detail, attempts, duration }: StepPerformance, paint: Paint): string {
  const took = `${(duration / 1000).toFixed(1)} s`;
  if (outcome === 'done') return `${paint('green', '✓')} ${id}  done in ${took}`;
  if (outcome === 'cancelled') return `${paint('yellow', '○')} ${id}  cancelled`;
  const tries = attempts > 1 ? ` (${attempts} attempts)` : '';
  return `${paint('red', '✗')} ${id}  ${printableLine(detail)}${tries}`;
}

/** How a run ended, and what people do next. */
export function resultText(result: AutomationResult, rules: AutomationRules, logPath: string, paint: Paint): string[] {
  const { ended, waitingFor, left, performed } = result;
  const again = `handrail run ${rules.until === undefined ? '--all' : `--until ${rules.until}`}`;
  const lines = ['', headline(result, rules, paint)];
  if (waitingFor.length > 0) lines.push(...waitingFor.flatMap((step) => waitingLines(step, paint)));
  if (left.length > 0 && ended !== 'reached') {
    lines.push('Not done yet:', ...left.map(({ id, because }) => `  ○ ${id}  ${paint('dim', printableLine(because))}`));
  }
  if (ended !== 'reached') lines.push(paint('dim', `Goes on where it stopped: ${again}`));
  if (performed.length > 0) lines.push(paint('dim', `Log: ${printableLine(logPath)}`));
  return lines;
}

function headline({ ended, performed, waitingFor, status }: AutomationResult, { until }: AutomationRules, paint: Paint): string {
  const count = `${performed.length} ${performed.length === 1 ? 'step was' : 'steps were'} performed`;
  const failed = performed.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
  switch (ended) {
    case 'reached': {
      const skipped = status.steps.find(({ id, state }) => id === until && state === 'skipped');
      const what = until === undefined ? 'Everything is done' : skipped === undefined ? `${until} is done` : `${until} does not apply here`;
      return `${paint('green', what)}; ${count}.`;
    }
    case 'failed':
      return `${paint('red', `Failed: ${failed.join(', ')}`)}; ${count}.${waitingFor.length > 0 ? ' People are waited for, too:' : ''}`;
    case 'waiting':
      return `${paint('yellow', 'Waiting for people')}; ${count}.`;
    case 'unsettled':
      return `${paint('yellow', 'Not everything counts as done')}: steps changed what others had looked at; ${count}.`;
    case 'cancelled':
      return `${paint('yellow', 'Cancelled')}; ${count}.`;
  }
}

function waitingLines({ id, title, kind, by, missing }: WaitingStep, paint: Paint): string[] {
  const who = by === undefined ? '' : ` by ${by.join(' or ')}`;
  const what =
    kind === 'approval' ? `approval${who}` : kind === 'generate' ? 'somebody has to look at what a model writes' : 'somebody has to do it';
  const how = kind === 'generate' || kind === 'review' ? `handrail explain ${id}` : `handrail check ${id}`;
  return [
    `  ${paint('cyan', '➜')} ${paint('bold', id)}  ${printableLine(title)} ${paint('dim', `· ${printableLine(what)}`)}`,
    ...missing.map((line) => `      ${printableLine(line)}`),
    `      ${paint('dim', how)}`,
  ];
}

/** `handrail run --until STEP --format json`. Keys are additive. */
export function automationDocument(
  { ended, performed, waitingFor, left, status }: AutomationResult,
  logPath: string,
): Record<string, unknown> {
  return { ended, performed, waitingFor, left, log: logPath, status };
}

/** What a run would do. */
export function forecastText(planned: Forecast & { asks: Asked[] }, { steps }: Run, { until }: AutomationRules, paint: Paint): string[] {
  const titleOf = (id: string): string => printableLine(steps.find((step) => step.id === id)?.title ?? '');
  const lines: string[] = [];
  if (planned.waves.length === 0) lines.push(`Nothing would be performed${until === undefined ? '' : ` for ${until}`}.`);
  else lines.push('Would be performed, if everything goes well:');
  for (const [index, wave] of planned.waves.entries()) {
    wave.forEach((id, i) => lines.push(`  ${i === 0 ? `${index + 1}.` : '  '} ${paint('bold', id)}  ${titleOf(id)}`));
  }
  for (const { id, run } of planned.commands)
    lines.push(paint('dim', `  ${id} runs: ${printable(run).trim().replaceAll('\n', '\n      ')}`));
  if (planned.asks.length > 0) lines.push('', 'Would be asked:', ...planned.asks.map((ask) => `  ${ask.id}  ${askText(ask)}`));
  if (planned.waitingFor.length > 0)
    lines.push('', 'Would wait for people:', ...planned.waitingFor.flatMap((step) => waitingLines(step, paint)));
  if (planned.left.length > 0) {
    lines.push(
      '',
      'Would be left until then:',
      ...planned.left.map(({ id, needs }) => `  ${id}  ${paint('dim', `needs ${needs.join(', ')}`)}`),
    );
  }
  lines.push('', paint('dim', 'Nothing was run, sent or written.'));
  return lines;
}

function askText({ kind, scope, prompt, reviewer, model, because, problem }: Asked): string {
  const what = kind === 'review' ? `review of the ${scope ?? 'branch'}` : `what ${prompt ?? 'its prompt'} asks for`;
  const who = reviewer === undefined ? '' : ` by ${reviewer}${model === undefined || model === reviewer ? '' : ` (${model})`}`;
  const why = because === undefined ? '' : `: ${because}`;
  return printableLine(`${what}${who}${why}${problem === undefined ? '' : ` – would fail: ${problem}`}`);
}
