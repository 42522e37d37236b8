import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { exitCodeOf, failureOf, HandrailError } from '../core/errors.ts';
import { findCommand, GLOBAL_OPTIONS, parseCommandLine, peekOption, unknownCommand } from './arguments.ts';
import type { Command, Format } from './command.ts';
import { handrailHome } from '../node/home.ts';
import { COMMANDS } from './commandTable.ts';
import { partialFailureOf } from './partialFailure.ts';
import { Terminal } from './terminal.ts';
import { failureDocument, failureLine } from './text/failure.ts';
import { commandHelp, generalHelp } from './text/help.ts';

const OLDEST_NODE = 22;

/** From the arguments to the exit code. Every failure ends here, as one line on stderr. */
async function main(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  try {
    const code = await dispatch(argv, terminal, signal);
    return signal.aborted ? 130 : code;
  } catch (error) {
    const partial = partialFailureOf(error);
    const failure = signal.aborted
      ? new HandrailError('cancelled', 'Interrupted.')
      : (partial?.failure ?? failureOf(error) ?? defect(error));
    if (peekOption(argv, 'format') === 'json') terminal.document({ ...failureDocument(failure), ...partial?.parts });
    terminal.note(failureLine(failure));
    return exitCodeOf(failure.reason);
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { command: name, rest } = findCommand(argv);
  if (name === undefined) return withoutCommand(rest, terminal);
  if (name === 'help') return help(rest, terminal);
  const entry = COMMANDS.find((known) => known.name === name);
  if (entry === undefined)
    throw unknownCommand(
      name,
      COMMANDS.map((known) => known.name),
    );

  const command = await entry.load();
  const specs = { ...GLOBAL_OPTIONS, ...command.options };
  const anything = { name, positionals: { name: '', min: 0, max: Number.POSITIVE_INFINITY } };
  if (parseCommandLine(rest, specs, anything).options['help'] === true) {
    terminal.line(commandHelp(command));
    return 0;
  }
  const { options, positionals } = parseCommandLine(rest, specs, command);
  const { openContext } = await import('./context.ts');
  const context = await openContext({
    terminal,
    signal,
    format: formatOf(command, options['format']),
    cwd: typeof options['cwd'] === 'string' ? options['cwd'] : undefined,
  });
  return command.run(context, options, positionals);
}

async function withoutCommand(rest: readonly string[], terminal: Terminal): Promise<number> {
  const { options } = parseCommandLine(rest, GLOBAL_OPTIONS, undefined);
  if (options['version'] === true) {
    const { VERSION } = await import('./version.ts');
    terminal.line(VERSION);
    return 0;
  }
  if (options['help'] === true) {
    terminal.line(generalHelp());
    return 0;
  }
  if (options['format'] === 'json')
    throw new HandrailError('usage', 'No command was given.', { hint: 'handrail --help lists the commands.' });
  terminal.note(generalHelp());
  return 2;
}

async function help(rest: readonly string[], terminal: Terminal): Promise<number> {
  const { positionals } = parseCommandLine(rest, GLOBAL_OPTIONS, { name: 'help', positionals: { name: 'COMMAND', min: 0, max: 1 } });
  const wanted = positionals[0];
  if (wanted === undefined) {
    terminal.line(generalHelp());
    return 0;
  }
  const entry = COMMANDS.find((known) => known.name === wanted);
  if (entry === undefined)
    throw unknownCommand(
      wanted,
      COMMANDS.map((known) => known.name),
    );
  terminal.line(commandHelp(await entry.load()));
  return 0;
}

function formatOf(command: Command, wanted: unknown): Format {
  if (wanted === undefined) return 'text';
  const format = command.formats.find((known) => known === wanted);
  if (format !== undefined) return format;
  throw new HandrailError('usage', `handrail ${command.name} has no format ${JSON.stringify(wanted)}.`, {
    hint: `Use --format ${command.formats.join(' or ')}.`,
  });
}

/** A defect of ours: the person gets one sentence; the trace is shown on request only. */
function defect(error: unknown): HandrailError {
  if (process.env['HANDRAIL_DEBUG']) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  const message = error instanceof Error ? error.message : String(error);
  const [major = 0] = process.versions.node.split('.').map(Number);
  return new HandrailError('internal', `Something went wrong inside Handrail: ${message}`, {
    hint:
      major < OLDEST_NODE
        ? `Use Node ${OLDEST_NODE} or later; this is ${process.version}.`
        : 'Run again with HANDRAIL_DEBUG=1 for details, and report it with them.',
  });
}

/**
 * Keeps what the engine makes of our code for the next start: to compile it takes most of the time of a short command. In the person's own
 * folder, since it is code that runs. Where it cannot be written, every start takes its time.
 */
function rememberCompiled(): void {
  // Unless the person set a place, or none, for all programs.
  if (process.env['NODE_COMPILE_CACHE'] !== undefined) return;
  // Older versions have none.
  (enableCompileCache as typeof enableCompileCache | undefined)?.(join(handrailHome(), 'cache', 'compiled'));
}

rememberCompiled();

// Set when the editor's executable acts as Node; the commands of a workflow must not inherit it.
delete process.env['ELECTRON_RUN_AS_NODE'];

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    // A second signal is impatience: leave at once.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  });
}
const terminal = new Terminal(process);
void main(process.argv.slice(2), terminal, interrupt.signal).then(async (code) => {
  await terminal.flush();
  // Not `exitCode` alone: a worker that idles or a socket kept alive must not hold the shell.
  process.exit(code);
});
