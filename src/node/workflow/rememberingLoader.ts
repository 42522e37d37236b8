import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { type HandrailFiles, loadHandrail } from './loader.ts';
import type { SharedContent } from './shared/sharedContent.ts';

/** One thing that loading asked about the workspace, and how to ask again. */
interface Observation {
  ask(sources: Sources): unknown;
  answer: string;
}

interface Sources {
  files: NodeWorkspaceFiles;
  shared: Pick<SharedContent, 'read'>;
}

/**
 * Loads `.handrail/` and gives the same result again while everything that was asked for it is unchanged: the texts read, the files
 * looked for, the folders listed, the content of shared workflows. Reading those few files costs a millisecond; parsing them costs most of the time that a view needs
 * to follow a save.
 */
export class RememberingLoader {
  #last: { result: HandrailFiles; observations: Observation[] } | undefined;

  load(files: NodeWorkspaceFiles, shared: Pick<SharedContent, 'read'>): HandrailFiles {
    const last = this.#last;
    const sources = { files, shared };
    if (last?.observations.every(({ ask, answer }) => answerOf(() => ask(sources)) === answer) === true) return last.result;
    const observations: Observation[] = [];
    const seen = observed(sources, observations);
    const result = loadHandrail(seen.files, seen.shared);
    this.#last = { result, observations };
    return result;
  }
}

function observed(sources: Sources, observations: Observation[]): Sources {
  const note = <T>(ask: (from: Sources) => T): T => {
    observations.push({ ask, answer: answerOf(() => ask(sources)) });
    return ask(sources);
  };
  const { root } = sources.files;
  return {
    files: {
      root,
      read: (path) => sources.files.read(path),
      readText: (path) => note(({ files }) => files.readText(path)),
      exists: (path) => note(({ files }) => files.exists(path)),
      list: (folder) => note(({ files }) => files.list(folder)),
    },
    shared: { read: (digest) => note(({ shared }) => shared.read(digest)) },
  };
}

/** The answer as text to compare; that a file cannot be read, and why, is an answer too. */
function answerOf(ask: () => unknown): string {
  try {
    return JSON.stringify(ask()) ?? 'none';
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
