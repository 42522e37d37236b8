import { childOf, valueAt } from '../../yaml/grammar.ts';
import type { YamlPath } from '../../yaml/locatedYaml.ts';
import { resolveBeside, unsafePath } from '../paths.ts';
import type { Draft } from './draft.ts';
import { meaningOf } from './language.ts';
import type { Surroundings } from './surroundings.ts';

/** The beginning of a file that a workflow names and that is not there. Undefined where no such file can be begun. */
export function newFileFor(draft: Draft, path: YamlPath, text: string, around: Surroundings): { path: string; text: string } | undefined {
  const meaning = meaningOf(draft.language, path);
  const file = meaning === 'workflow-file' ? resolveBeside(draft.path, text) : text.replace(/#.*$/, '');
  if (file === '' || unsafePath(file) !== undefined || around.exists(file) || !around.isFree(file)) return undefined;
  const title = titleOf(valueAt(draft.file.value, path.slice(0, 2)));
  switch (meaning) {
    case 'prompt':
      return { path: file, text: `---\ndescription: ${JSON.stringify(title)}\n---\n\n${PROMPT}` };
    case 'document':
      return { path: file, text: `# ${title}\n\n${DOCUMENT}` };
    case 'workflow-file':
      return /\.ya?ml$/.test(file) ? { path: file, text: baseWorkflow(file) } : undefined;
    default:
      return undefined;
  }
}

const PROMPT = `What has to be written, and how one sees that it is right.

- Which files it is about.
- What must stay as it is.
`;

const DOCUMENT = `Why we do it this way, how it is done, and an example that went well.
`;

function titleOf(step: unknown): string {
  const title = childOf(step, 'title');
  return typeof title === 'string' && title.trim() !== '' ? title.replace(/\s+/g, ' ').trim() : 'Title';
}

function baseWorkflow(path: string): string {
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');
  const id =
    stem
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^[^a-z]+|-+$/g, '') || 'base';
  return `version: 1
id: ${id}
title: What every workflow begins with
steps:
  - id: self-check
    kind: manual
    title: Read your own diff once, as if it were someone else's
    why: Most review comments are things the author would have seen a day later.
`;
}
