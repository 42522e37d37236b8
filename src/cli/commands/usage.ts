import { HandrailError } from '../../core/errors.ts';
import { ASSISTANT_NAMES, CONNECTABLE, isPort, type Connectable } from '../../core/usage/connection.ts';
import type { Plan } from '../../node/usage/connecting.ts';
import { whoListens } from '../../node/usage/whoListens.ts';
import { didYouMean } from '../arguments.ts';
import { defineCommand, type Answer, type Context } from '../command.ts';
import { requirePerson, requireTerminal } from '../personsChoice.ts';
import { connectText, importText, planPatch, statusText } from '../text/usage.ts';

const WORDS = ['status', 'connect', 'disconnect', 'receive', 'import'] as const;
type Word = (typeof WORDS)[number];

interface Options {
  port: string | undefined;
  yes: boolean;
  'dry-run': boolean;
}

export const command = defineCommand({
  name: 'usage',
  usage: '[status|connect ASSISTANT|disconnect ASSISTANT|receive|import] [--port N] [--yes] [--dry-run]',
  summary: 'how much other assistants are used, where you record and connect them',
  details: [
    'status      which assistants are connected, and who listens for them (the default)',
    "connect     shows what would change in the assistant's own settings and asks; from then on it reports to Handrail",
    'disconnect  takes that out of its settings again; what you changed yourself stays',
    'receive     listens on this machine for the assistants that are connected, until Ctrl-C; the editor does the same while it is open',
    'import      records what the logs of Claude Code, Codex and Gemini CLI on this machine tell about tokens, each call once',
    '',
    `Assistants are claude-code, codex and gemini-cli; Copilot Chat is connected in the editor. Of what they send, the family of the model,`,
    'rough figures of tokens, cost and time, and the day are recorded, where telemetry is on. Prompts, answers, names and all else is',
    'dropped before anything is written. Nothing leaves this machine. An agent or a machine cannot connect an assistant.',
  ],
  options: {
    port: {
      type: 'string',
      value: 'N',
      summary: 'with connect: send there (default: one of your own); with receive: listen there, 0 for any that is free',
    },
    yes: { type: 'boolean', summary: 'the answer to what would be asked (connect, disconnect)' },
    'dry-run': { type: 'boolean', summary: 'with import: says what would be recorded, and records nothing' },
  },
  positionals: { name: 'status, connect ASSISTANT, disconnect ASSISTANT, receive or import', min: 0, max: 2 },
  formats: ['text', 'json'],
  async run(context, options, [word = 'status', name]) {
    const known = WORDS.find((one) => one === word);
    if (known === undefined) {
      throw new HandrailError('usage', `There is no handrail usage ${JSON.stringify(word)}.`, {
        hint: didYouMean(word, WORDS) ?? `Use handrail usage ${WORDS.join('|')}.`,
      });
    }
    return ACTIONS[known](context, options, name);
  },
});

type Action = (context: Context, options: Options, name: string | undefined) => Promise<Answer>;
const ACTIONS: Readonly<Record<Word, Action>> = { status, connect, disconnect, receive, import: importLogs };

async function status({ services, terminal, format }: Context, _options: Options, name: string | undefined): Promise<Answer> {
  requireNoName('status', name);
  const { connections, connecting } = await services.usage();
  const connected = connections.connected();
  const leftovers = await connecting.leftovers();
  const port = connections.endpoint()?.port;
  const listening = port === undefined ? undefined : { port, listener: await whoListens(port, connections.proofKey()) };
  if (format === 'json') terminal.document({ connected, leftovers, ...listening });
  else terminal.line(statusText({ connected, leftovers, listening }));
  return 0;
}

async function connect(context: Context, { port, yes }: Options, name: string | undefined): Promise<Answer> {
  const { services, terminal, format } = context;
  const assistant = assistantOf('connect', name);
  requirePerson(context, (who) => `Nothing is connected: ${who} cannot decide that.`);
  const { connecting } = await services.usage();
  const plan = await connecting.planConnect(assistant, { port: port === undefined ? undefined : portOf(port, { least: 1024 }) });
  if (format === 'text') terminal.line(connectText(plan));
  if (!(await agreed(context, { yes, question: 'Make this change?', said: `handrail usage connect ${assistant} --yes` }))) return 1;
  await connecting.apply(plan);
  return report(context, plan, { connected: true });
}

async function disconnect(context: Context, { yes }: Options, name: string | undefined): Promise<Answer> {
  const { services, terminal, format } = context;
  const assistant = assistantOf('disconnect', name);
  const { connecting } = await services.usage();
  const plan = await connecting.planDisconnect(assistant);
  if (format === 'text' && plan.change.before !== plan.change.after) terminal.line(`${planPatch(plan)}\n`);
  if (!(await agreed(context, { yes, question: 'Make this change?', said: `handrail usage disconnect ${assistant} --yes` }))) return 1;
  await connecting.apply(plan);
  return report(context, plan, { connected: false });
}

async function agreed(context: Context, { yes, question, said }: { yes: boolean; question: string; said: string }): Promise<boolean> {
  const { terminal, signal } = context;
  if (yes) return true;
  requireTerminal(context, said);
  if (await terminal.confirm(question, signal)) return true;
  terminal.note('Nothing was changed.');
  return false;
}

function report({ terminal, format }: Context, plan: Plan, { connected }: { connected: boolean }): Answer {
  const { assistant, place, change } = plan;
  const changed = change.before !== change.after;
  const name = ASSISTANT_NAMES[assistant];
  if (format === 'json') terminal.document({ assistant, settings: place, connected, changed, patch: changed ? planPatch(plan) : '' });
  else if (connected)
    terminal.line(`${name} is connected from its next start on. handrail usage receive listens for it while no editor is open.`);
  else terminal.line(changed ? `${name} is disconnected from its next start on.` : `${name} is not connected; nothing was changed.`);
  return 0;
}

async function receive({ services, terminal, format, signal }: Context, { port }: Options, name: string | undefined): Promise<Answer> {
  requireNoName('receive', name);
  const { connections, listen } = await services.usage();
  const receiver = await listen({ port: port === undefined ? undefined : portOf(port, { least: 0 }) });
  terminal.note(`Listening on http://127.0.0.1:${receiver.port} for ${namesOf(connections.connected())}. Ctrl-C ends it.`);
  await untilOver(signal, () => connections.endpoint() !== undefined);
  await receiver.close();
  if (!signal.aborted) terminal.note('Telemetry was turned off, or the last assistant disconnected.');
  const { messages, reports } = receiver.counts;
  if (format === 'json') terminal.document({ port: receiver.port, messages, reports });
  else terminal.line(`${messages} messages taken, with ${reports} reports of usage.`);
  return 0;
}

async function importLogs(context: Context, { 'dry-run': dryRun }: Options, name: string | undefined): Promise<Answer> {
  const { services, terminal, format, signal } = context;
  requireNoName('import', name);
  const { importLogs: start } = await services.usage();
  const found = await start({ dryRun, signal });
  if (format === 'json') terminal.document({ imported: found, dryRun });
  else terminal.line(importText(found, { dryRun }));
  return 0;
}

/** Milliseconds between looks whether it is still wanted; between them the receiver itself refuses what is not. */
const LOOK = 2_000;

/** Ends with the signal, or when nobody wants it any more: off means that nothing runs. */
function untilOver(signal: AbortSignal, wanted: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearInterval(looking);
      resolve();
    };
    const looking = setInterval(() => {
      if (!wanted()) end();
    }, LOOK);
    signal.addEventListener('abort', end, { once: true });
  });
}

function namesOf(assistants: readonly Connectable[]): string {
  return assistants.map((one) => ASSISTANT_NAMES[one]).join(', ');
}

function assistantOf(word: Word, name: string | undefined): Connectable {
  const known = CONNECTABLE.find((one) => one === name);
  if (known !== undefined) return known;
  throw new HandrailError(
    'usage',
    name === undefined ? `Which assistant is to ${word}?` : `There is no assistant ${JSON.stringify(name)}.`,
    {
      hint: (name === undefined ? undefined : didYouMean(name, CONNECTABLE)) ?? `Use handrail usage ${word} ${CONNECTABLE.join('|')}.`,
    },
  );
}

function requireNoName(word: Word, name: string | undefined): void {
  if (name === undefined) return;
  throw new HandrailError('usage', `handrail usage ${word} takes no ${JSON.stringify(name)}.`, { hint: `Use handrail usage ${word}.` });
}

function portOf(text: string, { least }: { least: 0 | 1024 }): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (isPort(port) || (port === 0 && least === 0)) return port;
  throw new HandrailError('usage', `--port ${JSON.stringify(text)} is no port from 1024 to 65535.`, { hint: 'For example --port 24318.' });
}
