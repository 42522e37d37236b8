import { GLOBAL_OPTIONS } from '../arguments.ts';
import type { Command, OptionSpecs } from '../command.ts';
import { COMMANDS } from '../commandTable.ts';

export function generalHelp(): string {
  return [
    "Handrail: the team's AI workflow, on the command line.",
    '',
    'Usage: handrail [--cwd DIR] [--format text|json] COMMAND',
    '',
    'Commands:',
    ...columns(COMMANDS.map(({ name, summary }) => [name, summary])),
    '',
    'Options:',
    ...columns(optionRows(GLOBAL_OPTIONS)),
    '',
    'handrail COMMAND --help tells more about one command.',
    'Exit codes: 0 yes, 1 no, 2 usage or configuration, 3 model or server, 130 interrupted.',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const options = optionRows(command.options);
  return [
    `Usage: handrail ${command.name}${command.usage === '' ? '' : ` ${command.usage}`}`,
    '',
    ...command.details,
    ...(options.length === 0 ? [] : ['', 'Options:', ...columns(options)]),
    '',
    `Also: --cwd DIR, --format ${command.formats.join('|')}`,
  ].join('\n');
}

function optionRows(specs: OptionSpecs): [string, string][] {
  return Object.entries(specs).map(([name, spec]) => [
    `--${name}${spec.type === 'boolean' ? '' : ` ${spec.value ?? spec.choices?.join('|') ?? 'VALUE'}`}`,
    spec.summary,
  ]);
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(30, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) =>
    left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`,
  );
}
