import type { Completion } from '../../../src/core/workflow/authoring/completion.ts';
import { completionsAt } from '../../../src/core/workflow/authoring/completion.ts';
import { withoutStops } from '../../../src/core/workflow/authoring/samples.ts';
import type { BranchFacts, FolderEntry, Surroundings } from '../../../src/core/workflow/authoring/surroundings.ts';
import type { StepStatus } from '../../../src/core/workflow/run.ts';

export const FILE = '.handrail/workflows/w.yml';

/** A workspace in memory. */
export function workspace(
  files: Readonly<Record<string, string>> = {},
  more: { branch?: BranchFacts; steps?: readonly StepStatus[] } = {},
): Surroundings {
  const paths = Object.keys(files).sort();
  return {
    exists: (path) => Object.hasOwn(files, path),
    read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    isFree: (path) => !Object.hasOwn(files, path),
    entries(folder) {
      const prefix = folder === '' ? '' : `${folder}/`;
      const names = new Map<string, FolderEntry>();
      for (const path of paths.filter((one) => one.startsWith(prefix))) {
        const [name = '', ...below] = path.slice(prefix.length).split('/');
        names.set(name, { name, isFolder: below.length > 0 });
      }
      return [...names.values()];
    },
    files: async () => paths,
    branch: async () => more.branch,
    step: (path, id) => (path === FILE ? more.steps?.find((step) => step.id === id) : undefined),
  };
}

/** The text without its first `|`, and where that stood. */
export function cursor(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf('|');
  if (offset < 0) throw new Error('the text has no cursor');
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

export async function completions(marked: string, around = workspace(), path = FILE): Promise<Completion[]> {
  const { text, offset } = cursor(marked);
  return await completionsAt(text, offset, path, around);
}

export async function labels(marked: string, around = workspace(), path = FILE): Promise<string[]> {
  return (await completions(marked, around, path)).map(({ label }) => label);
}

/** The text after a completion was taken as it is, each stop with what it offers. */
export function accepted(text: string, { insert, replace }: Completion): string {
  return text.slice(0, replace.start) + withoutStops(insert) + text.slice(replace.end);
}

/** The marked text after the completion of this label was taken. */
export async function taking(label: string, marked: string, around = workspace(), path = FILE): Promise<string> {
  const { text } = cursor(marked);
  const offers = await completions(marked, around, path);
  const offer = offers.find((one) => one.label === label);
  if (!offer) throw new Error(`${label} is not offered, but ${offers.map((one) => one.label).join(', ') || 'nothing'}`);
  return accepted(text, offer);
}
