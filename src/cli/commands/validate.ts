import { HandrailError } from '../../core/errors.ts';
import type { LockMode, LockUpdate } from '../../node/workflow/shared/sharedWorkflows.ts';
import { defineCommand, type Context } from '../command.ts';
import { workspacePath } from '../paths.ts';
import { lockLines } from '../text/lock.ts';
import { printable, printableData } from '../text/printable.ts';
import { problemLines } from '../text/problems.ts';

const LANGUAGES = ['workflow', 'models', 'dismissals', 'telemetry'];

export const command = defineCommand({
  name: 'validate',
  usage: '[FILE…] [--lock|--update-lock|--fetch] | --schema LANGUAGE',
  summary: 'check the files under .handrail/',
  details: [
    'Checks the given files, or every file under .handrail/. Exits 1 when one of them has an error; warnings keep it valid.',
    'A workflow may extend files of other repositories (owner/repository//path.yml@tag). They are followed as .handrail/lock.yml names',
    'them, by commit and content, and nothing is fetched but with one of these, before the check:',
    '--lock locks what is not locked yet, --update-lock asks anew what every tag stands for, --fetch gets what is locked and not here.',
    '--schema prints the JSON Schema of a language instead, for YAML tools that check files by one.',
  ],
  options: {
    lock: { type: 'boolean', summary: 'lock shared workflows that are not locked yet, and fetch them' },
    'update-lock': { type: 'boolean', summary: 'lock every shared workflow anew, and say which version moved' },
    fetch: { type: 'boolean', summary: 'fetch what is locked and not on this machine; the lock stays as it is' },
    schema: { type: 'string', value: 'LANGUAGE', choices: LANGUAGES, summary: `print a JSON Schema: ${LANGUAGES.join(', ')}` },
  },
  positionals: { name: 'FILE', min: 0, max: Number.POSITIVE_INFINITY },
  formats: ['text', 'json'],
  async run(context, { schema, ...options }, positionals) {
    const { services, terminal, format } = context;
    const mode = modeOf(options);
    if (schema !== undefined) {
      if (positionals.length > 0 || mode !== undefined) {
        throw new HandrailError('usage', '--schema checks no file.', { hint: 'Leave everything else out.' });
      }
      terminal.document((await import('../../core/workflow/jsonSchema.ts')).jsonSchemas()[schema]);
      return 0;
    }
    const paths = positionals.map((path) => workspacePath(context, path));
    const update = mode === undefined ? undefined : await updateLock(context, mode);
    const service = await services.workflow();
    const files = await service.validate(paths.length === 0 ? undefined : paths);
    const all = files.flatMap(({ problems }) => problems);
    const valid = all.every(({ severity }) => severity !== 'error');
    if (format === 'json') terminal.document({ valid, files, ...(update === undefined ? {} : { lock: update }) });
    else {
      for (const file of printableData(files))
        for (const line of problemLines(file, (style, text) => terminal.style(style, text))) terminal.line(line);
      terminal.line(summary(files.length, all));
    }
    return valid ? 0 : 1;
  },
});

function modeOf(options: { lock: boolean; 'update-lock': boolean; fetch: boolean }): LockMode | undefined {
  const wanted: (LockMode | undefined)[] = [
    options.lock ? 'add' : undefined,
    options['update-lock'] ? 'update' : undefined,
    options.fetch ? 'fetch' : undefined,
  ];
  const [mode, other] = wanted.filter((one) => one !== undefined);
  if (other === undefined) return mode;
  throw new HandrailError('usage', '--lock, --update-lock and --fetch exclude each other.', { hint: 'See handrail validate --help.' });
}

/** The one act by which anything of another repository is fetched. */
async function updateLock({ root, env, signal, terminal, format }: Context, mode: LockMode): Promise<LockUpdate> {
  const { createSharedWorkflows } = await import('../../node/workflow/shared/sharedWorkflows.ts');
  const update = await createSharedWorkflows({ root, env }).update(mode, {
    signal,
    onFetch: ({ url, version }) => terminal.note(`Fetching ${printable(version)} of ${printable(url)}`),
  });
  if (format === 'text')
    for (const line of lockLines(printableData(update), (style, text) => terminal.style(style, text))) terminal.line(line);
  return update;
}

function summary(files: number, problems: readonly { severity: 'error' | 'warning' }[]): string {
  if (files === 0) return 'There is nothing to check under .handrail/. handrail init writes a workflow to start with.';
  const count = (severity: string): number => problems.filter((problem) => problem.severity === severity).length;
  const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${counted(files, 'file')} checked, ${counted(count('error'), 'error')}, ${counted(count('warning'), 'warning')}.`;
}
