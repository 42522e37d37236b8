import { choiceFailure } from '../../core/ai/models/choiceFailure.ts';
import type { ReviewService } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import { defineCommand, type Answer, type Context } from '../command.ts';
import { modelsText } from '../text/models.ts';
import { modelTestText } from '../text/modelTest.ts';
import { printable, printableData } from '../text/printable.ts';

export const command = defineCommand({
  name: 'models',
  usage: '[confirm NAME [--keep] | test NAME]',
  summary: 'which reviewer answers, and the health of each model',
  details: [
    'Shows which reviewer answers here and why, what else was found on this machine, and each model: what it is used for, how it did in',
    'the last 30 days (calls, latency, errors, tokens, cost), what it cost today of its budget, how it stands against its SLO, whether',
    'it is left alone after failures, and what its answers have shown. The figures stay on this machine.',
    '`handrail models confirm NAME` agrees, once, that code of this workspace goes to the endpoint of that model, or to an assistant',
    'installed here (claude-code, codex, gemini-cli), and asks it from now on; with --keep it only agrees, for a fallback.',
    '`handrail models test NAME` asks that model a few words without any code, and remembers what that shows.',
  ],
  options: { keep: { type: 'boolean', summary: 'with confirm: who answers here stays as it is' } },
  positionals: { name: 'confirm NAME', min: 0, max: 2 },
  formats: ['text', 'json'],
  async run(context, { keep }, [word, name]) {
    if (keep && word !== 'confirm')
      throw new HandrailError('usage', '--keep goes with handrail models confirm.', { hint: 'Use handrail models confirm NAME --keep.' });
    if (word === undefined) return show(context);
    if (word !== 'confirm' && word !== 'test') {
      throw new HandrailError('usage', `handrail models does not take ${JSON.stringify(word)}.`, {
        hint: 'Use handrail models, handrail models confirm NAME, or handrail models test NAME.',
      });
    }
    if (name === undefined)
      throw new HandrailError('usage', `handrail models ${word} needs the name of a model.`, { hint: 'handrail models lists them.' });
    return word === 'test' ? test(context, name) : confirm(context, name, keep);
  },
});

async function show({ services, terminal, format }: Context): Promise<Answer> {
  const [review, service] = await Promise.all([services.review(), services.models()]);
  const [choice, { models }] = await Promise.all([review.choose({ lookForServers: true }), service.status()]);
  if (format === 'json') terminal.document({ choice, models });
  else terminal.line(modelsText(printableData({ choice, models }), Date.now(), (style, text) => terminal.style(style, text)));
  return 0;
}

async function test({ services, terminal, format, signal }: Context, name: string): Promise<Answer> {
  const service = await services.models();
  terminal.progress(`Asking ${printable(name)}`);
  const shown = await service.test(name, { signal });
  if (format === 'json') terminal.document({ test: shown });
  else terminal.line(modelTestText(printableData(shown), (style, text) => terminal.style(style, text)));
  return 0;
}

async function confirm({ services, terminal, format }: Context, name: string, keep: boolean): Promise<Answer> {
  const service = await services.review();
  const { offers } = await service.choose({ model: 'builtin', lookForServers: true });
  const offer = offers.find((candidate) => candidate.name === name);
  if (!keep && (offer !== undefined || name === 'builtin')) await service.follow(offer);
  const origin = offer?.origin ?? (name === 'builtin' ? undefined : await originOf(service, name));
  if (origin !== undefined) await service.confirm(origin);
  const choice = await service.choose((offer === undefined || keep) && name !== 'builtin' ? { model: name } : {});
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
