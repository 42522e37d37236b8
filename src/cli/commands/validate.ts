import { HandrailError } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { workspacePath } from '../paths.ts';
import { printableData } from '../text/printable.ts';
import { problemLines } from '../text/problems.ts';

const LANGUAGES = ['workflow', 'models', 'dismissals'];

export const command = defineCommand({
  name: 'validate',
  usage: '[FILE…] | --schema LANGUAGE',
  summary: 'check the files under .handrail/',
  details: [
    'Checks the given files, or every file under .handrail/. Exits 1 when one of them has an error; warnings keep it valid.',
    '--schema prints the JSON Schema of a language instead, for YAML tools that check files by one.',
  ],
  options: {
    schema: { type: 'string', value: 'LANGUAGE', choices: LANGUAGES, summary: `print a JSON Schema: ${LANGUAGES.join(', ')}` },
  },
  positionals: { name: 'FILE', min: 0, max: Number.POSITIVE_INFINITY },
  formats: ['text', 'json'],
  async run(context, { schema }, positionals) {
    const { services, terminal, format } = context;
    if (schema !== undefined) {
      if (positionals.length > 0) throw new HandrailError('usage', '--schema checks no file.', { hint: 'Leave the files out.' });
      terminal.document((await import('../../core/workflow/jsonSchema.ts')).jsonSchemas()[schema]);
      return 0;
    }
    const service = await services.workflow();
    const paths = positionals.map((path) => workspacePath(context, path));
    const files = await service.validate(paths.length === 0 ? undefined : paths);
    const all = files.flatMap(({ problems }) => problems);
    const valid = all.every(({ severity }) => severity !== 'error');
    if (format === 'json') terminal.document({ valid, files });
    else {
      for (const file of printableData(files))
        for (const line of problemLines(file, (style, text) => terminal.style(style, text))) terminal.line(line);
      terminal.line(summary(files.length, all));
    }
    return valid ? 0 : 1;
  },
});

function summary(files: number, problems: readonly { severity: 'error' | 'warning' }[]): string {
  if (files === 0) return 'There is nothing to check under .handrail/. handrail init writes a workflow to start with.';
  const count = (severity: string): number => problems.filter((problem) => problem.severity === severity).length;
  const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${counted(files, 'file')} checked, ${counted(count('error'), 'error')}, ${counted(count('warning'), 'warning')}.`;
}
