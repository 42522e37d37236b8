import { createHash } from 'node:crypto';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import type { HandrailFiles } from './loader.ts';
import type { RememberedFiles } from './runMemory.ts';
import type { SharedContent } from './shared/sharedContent.ts';

type Observation = RememberedFiles['observations'][number];

interface Sources {
  files: NodeWorkspaceFiles;
  shared: Pick<SharedContent, 'read'>;
}

/**
 * Loads `.handrail/` and gives the same result again while everything that was asked for it is unchanged: the texts read, the files
 * looked for, the folders listed, the content of shared workflows. Reading those few files costs a millisecond; parsing them costs most
 * of the time that a view needs to follow a save.
 */
export class RememberingLoader {
  #last: RememberedFiles | undefined;

  /** `last` is what the loader of another process remembered. */
  constructor(last?: RememberedFiles) {
    this.#last = last;
  }

  /** For another process. */
  get last(): RememberedFiles | undefined {
    return this.#last;
  }

  async load(files: NodeWorkspaceFiles, shared: Pick<SharedContent, 'read'>): Promise<HandrailFiles> {
    const sources = { files, shared };
    if (this.#last?.observations.every((one) => answerTo(one, sources).digest === one.answer) === true) return this.#last.result;
    const observations: Observation[] = [];
    const seen = observed(sources, observations);
    // What parses is loaded only where something has to be parsed.
    const { loadHandrail } = await import('./loader.ts');
    const result = loadHandrail(seen.files, seen.shared);
    this.#last = { result, observations };
    return result;
  }
}

function observed(sources: Sources, observations: Observation[]): Sources {
  const note = (question: Observation['question'], about: string): unknown => {
    const { digest, answer } = answerTo({ question, about }, sources);
    observations.push({ question, about, answer: digest });
    return answer();
  };
  return {
    files: {
      root: sources.files.root,
      read: (path) => sources.files.read(path),
      readText: (path) => note('text', path) as string | undefined,
      exists: (path) => note('exists', path) as boolean,
      list: (folder) => note('list', folder) as string[],
    },
    shared: { read: (digest) => note('shared', digest) as string | undefined },
  };
}

/** The answer, and its digest; that a file cannot be read, and why, is an answer too. */
function answerTo(
  { question, about }: Pick<Observation, 'question' | 'about'>,
  { files, shared }: Sources,
): { digest: string; answer(): unknown } {
  try {
    const found = ask(question, about, files, shared);
    return { digest: digestOf(JSON.stringify(found) ?? 'none'), answer: () => found };
  } catch (error) {
    const answer = (): never => {
      throw error;
    };
    return { digest: digestOf(`failed: ${error instanceof Error ? error.message : String(error)}`), answer };
  }
}

function ask(question: Observation['question'], about: string, files: NodeWorkspaceFiles, shared: Pick<SharedContent, 'read'>): unknown {
  switch (question) {
    case 'text':
      return files.readText(about);
    case 'exists':
      return files.exists(about);
    case 'list':
      return files.list(about);
    case 'shared':
      return shared.read(about);
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
