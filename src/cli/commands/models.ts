import { choiceFailure } from '../../core/ai/models/choice.ts';
import type { ReviewService } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import { defineCommand, type Answer, type Context } from '../command.ts';
import { modelsText } from '../text/models.ts';
import { printable, printableData } from '../text/printable.ts';

export const command = defineCommand({
  name: 'models',
  usage: '[confirm NAME]',
  summary: 'which reviewer answers, and the health of each model',
  details: [
    'Shows which reviewer answers here and why, what else was found on this machine, and how each model did so far:',
    'calls, latency, errors, tokens, cost. The figures stay on this machine.',
    '`handrail models confirm NAME` agrees, once, that code of this workspace goes to the endpoint of that model, or to an assistant',
    'installed here (claude-code, codex, gemini-cli), and asks it from now on.',
  ],
  options: {},
  positionals: { name: 'confirm NAME', min: 0, max: 2 },
  formats: ['text', 'json'],
  async run(context, _options, [word, name]) {
    if (word === undefined) return show(context);
    if (word !== 'confirm') {
      throw new HandrailError('usage', `handrail models does not take ${JSON.stringify(word)}.`, {
        hint: 'Use handrail models, or handrail models confirm NAME.',
      });
    }
    if (name === undefined)
      throw new HandrailError('usage', 'handrail models confirm needs the name of a model.', { hint: 'handrail models lists them.' });
    return confirm(context, name);
  },
});

async function show({ services, terminal, format }: Context): Promise<Answer> {
  const service = await services.review();
  const [choice, health] = await Promise.all([service.choose({ lookForServers: true }), services.health()]);
  if (format === 'json') terminal.document({ choice, models: health });
  else terminal.line(modelsText(printableData({ choice, models: health }), (style, text) => terminal.style(style, text)));
  return 0;
}

async function confirm({ services, terminal, format }: Context, name: string): Promise<Answer> {
  const service = await services.review();
  const { offers } = await service.choose({ model: 'builtin', lookForServers: true });
  const offer = offers.find((candidate) => candidate.name === name);
  if (offer !== undefined || name === 'builtin') await service.follow(offer);
  const origin = offer?.origin ?? (name === 'builtin' ? undefined : await originOf(service, name));
  if (origin !== undefined) await service.confirm(origin);
  const choice = await service.choose(offer === undefined && name !== 'builtin' ? { model: name } : {});
  if (format === 'json') terminal.document({ confirmed: { name, ...(origin === undefined ? {} : { origin }) }, choice });
  else {
    terminal.line(
      printable(
        origin === undefined
          ? 'The built-in reviewer answers here; nothing leaves this machine.'
          : `Code of this workspace may now go to ${choice.destination ?? `${origin}, for ${name}`}.`,
      ),
    );
    if (choice.needsKey) terminal.line('A key is still missing: set OPENAI_API_KEY in the environment.');
  }
  return 0;
}

async function originOf(service: ReviewService, name: string): Promise<string | undefined> {
  const choice = await service.choose({ model: name });
  const failure = choiceFailure(choice);
  if (failure !== undefined) throw failure;
  return choice.origin;
}
