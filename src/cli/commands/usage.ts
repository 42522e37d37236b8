import { HandrailError } from '../../core/errors.ts';
import { ASSISTANT_NAMES, isPort } from '../../core/usage/connection.ts';
import { didYouMean } from '../arguments.ts';
import { defineCommand, type Answer, type Context } from '../command.ts';

const WORDS = ['status', 'receive'] as const;
type Word = (typeof WORDS)[number];

interface Options {
  port: string | undefined;
}

export const command = defineCommand({
  name: 'usage',
  usage: '[status|receive] [--port N]',
  summary: 'how much other assistants are used, where you record and connect them',
  details: [
    'status     which assistants are connected (the default)',
    'receive    listens on this machine for the assistants that are connected, until Ctrl-C',
    '',
    'Of what assistants send, the family of the model, rough figures of tokens, cost and time, and the day are recorded, where telemetry',
    'is on. Prompts, answers, names and everything else is dropped before anything is written. Nothing leaves this machine.',
  ],
  options: {
    port: { type: 'string', value: 'N', summary: 'with receive: listen there, 0 for any that is free' },
  },
  positionals: { name: 'status or receive', min: 0, max: 1 },
  formats: ['text', 'json'],
  async run(context, options, [word = 'status']) {
    const known = WORDS.find((one) => one === word);
    if (known === undefined) {
      throw new HandrailError('usage', `There is no handrail usage ${JSON.stringify(word)}.`, {
        hint: didYouMean(word, WORDS) ?? `Use handrail usage ${WORDS.join('|')}.`,
      });
    }
    return ACTIONS[known](context, options);
  },
});

const ACTIONS: Readonly<Record<Word, (context: Context, options: Options) => Promise<Answer>>> = { status, receive };

async function status({ services, terminal, format }: Context): Promise<Answer> {
  const { connections } = await services.usage();
  const connected = connections.connected();
  const port = connections.endpoint()?.port;
  if (format === 'json') terminal.document({ connected, ...(port === undefined ? {} : { port }) });
  else if (connected.length === 0) terminal.line('No assistant is connected.');
  else terminal.line(`Connected: ${connected.map((one) => ASSISTANT_NAMES[one]).join(', ')}.`);
  return 0;
}

async function receive({ services, terminal, format, signal }: Context, { port }: Options): Promise<Answer> {
  const { connections, listen } = await services.usage();
  const receiver = await listen({ port: port === undefined ? undefined : portOf(port) });
  const names = connections.connected().map((one) => ASSISTANT_NAMES[one]);
  terminal.note(`Listening on http://127.0.0.1:${receiver.port} for ${names.join(', ')}. Ctrl-C ends it.`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await receiver.close();
  const { messages, recorded } = receiver.counts;
  if (format === 'json') terminal.document({ port: receiver.port, messages, recorded });
  else terminal.line(`${messages} messages taken, ${recorded} events recorded.`);
  return 0;
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port === 0 || isPort(port)) return port;
  throw new HandrailError('usage', `--port ${JSON.stringify(text)} is no port from 1024 to 65535.`, { hint: 'For example --port 43187.' });
}
