import { allAssistants } from '../../core/ai/models/assistants.ts';
import type { ModelChoice, ModelOffer } from '../../core/ai/service.ts';
import type { ModelHealth } from '../../core/ai/models/health.ts';
import type { Paint } from './status.ts';
import { duration, table } from './table.ts';

const HEADS = ['model', 'calls', 'p50', 'p95', 'errors', 'tokens in/out', 'cost', 'last failure'] as const;

/** Who answers here, what else was found, and how each model did in the last 30 days. */
export function modelsText({ choice, models }: { choice: ModelChoice; models: readonly ModelHealth[] }, paint: Paint): string {
  const lines = [
    `Answers here: ${paint('bold', choice.model === undefined || choice.model === choice.name ? choice.name : `${choice.name} (${choice.model})`)} – ${choice.because}`,
  ];
  if (choice.problem !== undefined)
    lines.push([choice.problem.message, choice.problem.hint].filter((part) => part !== undefined).join(' '));
  else if (!choice.confirmed)
    lines.push(`Not confirmed yet for this workspace: ${paint('cyan', `handrail models confirm ${choice.name}`)}`);
  if (choice.needsKey) lines.push('A key is missing: set OPENAI_API_KEY in the environment.');
  if (choice.offers.length > 0) {
    lines.push('', 'Found on this machine, used only after you confirm it:');
    lines.push(...choice.offers.map((offer) => `  ${offer.label}  ${offerState(offer, choice, paint)}`));
  }
  if (choice.kind === 'builtin' && choice.offers.length === 0) {
    const commands = allAssistants().map(({ command }) => `\`${command}\``);
    lines.push(
      '',
      'No model was found here.',
      `To have one: set OPENAI_API_KEY and HANDRAIL_MODEL, name one in .handrail/models.yml, start a local server such as Ollama, or install an assistant (${commands.join(', ')}). Then run handrail models.`,
    );
  }
  lines.push('', ...(models.length === 0 ? ['No model was called on this machine in the last 30 days.'] : healthTable(models, paint)));
  return lines.join('\n');
}

function offerState({ name, inUse }: ModelOffer, { confirmed }: ModelChoice, paint: Paint): string {
  return inUse && confirmed ? '(in use)' : paint('cyan', `handrail models confirm ${name}`);
}

function healthTable(models: readonly ModelHealth[], paint: Paint): string[] {
  const rows = models.map((row) => [
    `${row.name} (${row.model})`,
    String(row.calls),
    duration(row.p50),
    duration(row.p95),
    `${Math.round(row.errorRate * 100)} %`,
    `${row.inputTokens}/${row.outputTokens}`,
    row.cost.length === 0 ? '–' : row.cost.map(({ amount, currency }) => `${amount.toFixed(4)} ${currency}`).join(' + '),
    row.lastFailure === undefined ? '–' : `${row.lastFailure.reason}, ${new Date(row.lastFailure.at).toISOString().slice(0, 10)}`,
  ]);
  return table(HEADS, rows, paint);
}
