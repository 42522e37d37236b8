import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAssistantSettings, type AssistantSettings } from '../../../core/ai/models/assistants.ts';
import { HandrailError } from '../../../core/errors.ts';

const NAME = 'assistants.json';

/**
 * What a person says about assistants on the command line: `<home>/assistants.json`, of the form of the editor's setting
 * `handrail.assistants`. Empty without a file. Fails with `config` for one that cannot be read or is not valid.
 */
export async function readAssistantsFile(home: string): Promise<AssistantSettings> {
  const path = join(home, NAME);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new HandrailError('config', `${path} cannot be read.`, { hint: 'Make it readable, or remove it.', location: { path }, cause });
  }
  return parseAssistantSettings(valueOf(text, path), path);
}

function valueOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new HandrailError('config', `${path} is not valid JSON.`, { hint: 'Correct it, or remove it.', location: { path }, cause });
  }
}
