import { allAssistants, type Assistant, type AssistantSettings } from '../../../core/ai/models/assistants.ts';
import { HandrailError } from '../../../core/errors.ts';
import { isExecutable, onPath, type SearchOptions } from '../../programs.ts';

export interface InstalledAssistant {
  assistant: Assistant;
  /** Absolute path of the executable. */
  executable: string;
}

/** The assistants that are installed here. Nothing is run to find out. */
export function findAssistants(options: SearchOptions, settings: AssistantSettings): InstalledAssistant[] {
  return allAssistants().flatMap((assistant) => {
    const executable = settings[assistant.id]?.path ?? onPath(assistant.command, options);
    return executable !== undefined && isExecutable(executable) ? [{ assistant, executable }] : [];
  });
}

/**
 * The executable of an assistant: the one the person's settings name, else the first on the PATH. Fails with `not-found` when there
 * is none, with `config` when the settings name something that cannot be run.
 */
export function executableOf(assistant: Assistant, options: SearchOptions, settings: AssistantSettings): string {
  const { name, command, id, homepage } = assistant;
  const own = settings[id]?.path;
  if (own !== undefined) {
    if (isExecutable(own)) return own;
    throw new HandrailError('config', `${own}, which your settings name for ${name}, is not an executable file.`, {
      hint: `Correct "path" of "${id}" in your settings, or remove it to have \`${command}\` found on the PATH.`,
    });
  }
  const found = onPath(command, options);
  if (found !== undefined) return found;
  throw new HandrailError('not-found', `${name} (\`${command}\`) is not on the PATH of this process.`, {
    hint: `Install it (${homepage}), name its path in your settings, or choose another model.`,
  });
}
