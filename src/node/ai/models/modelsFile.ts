import { parseModels } from '../../../core/ai/models/config.ts';
import type { ModelsConfig } from '../../../core/ai/models/models.ts';
import { HandrailError } from '../../../core/errors.ts';
import type { NodeWorkspaceFiles } from '../../workspaceFiles.ts';

const PATH = '.handrail/models.yml';

/** The team's models, or undefined without a file. Fails with `config` at the first error. */
export function readModels(files: NodeWorkspaceFiles): ModelsConfig | undefined {
  const text = files.readText(PATH);
  if (text === undefined) return undefined;
  const { config, problems } = parseModels(text);
  const error = problems.find((problem) => problem.severity === 'error');
  if (!error) return config;
  throw new HandrailError('config', error.message, {
    hint: error.hint ?? `Correct ${PATH}.`,
    location: { path: PATH, line: error.line, column: error.column },
  });
}
