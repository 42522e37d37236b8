import { allAssistants } from '../../core/ai/models/assistants.ts';
import type { ModelChoice, ModelOffer } from '../../core/ai/service.ts';
import type { ModelStatus } from '../../core/ai/models/modelStatus.ts';
import { modelsTable } from './modelsTable.ts';
import type { Paint } from './status.ts';

/** Who answers here, what else was found, and how each model did in the last 30 days. `now` in milliseconds since the Unix epoch. */
export function modelsText({ choice, models }: { choice: ModelChoice; models: readonly ModelStatus[] }, now: number, paint: Paint): string {
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
  const heading = 'Models, with their calls of the last 30 days (* answers here; tokens in/out):';
  lines.push(
    '',
    ...(models.length === 0 ? ['No model was called on this machine in the last 30 days.'] : [heading, ...modelsTable(models, now, paint)]),
  );
  return lines.join('\n');
}

function offerState({ name, inUse }: ModelOffer, { confirmed }: ModelChoice, paint: Paint): string {
  return inUse && confirmed ? '(in use)' : paint('cyan', `handrail models confirm ${name}`);
}
