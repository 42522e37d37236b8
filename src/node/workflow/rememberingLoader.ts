import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { type HandrailFiles, loadHandrail } from './loader.ts';

/** One thing that loading asked about the workspace, and how to ask again. */
interface Observation {
  ask(files: NodeWorkspaceFiles): unknown;
  answer: string;
}

/**
 * Loads `.handrail/` and gives the same result again while everything that was asked for it is unchanged: the texts read, the files
 * looked for, the folders listed. Reading those few files costs a millisecond; parsing them costs most of the time that a view needs
 * to follow a save.
 */
export class RememberingLoader {
  #last: { result: HandrailFiles; observations: Observation[] } | undefined;

  load(files: NodeWorkspaceFiles): HandrailFiles {
    const last = this.#last;
    if (last?.observations.every(({ ask, answer }) => answerOf(() => ask(files)) === answer) === true) return last.result;
    const observations: Observation[] = [];
    const result = loadHandrail(observed(files, observations));
    this.#last = { result, observations };
    return result;
  }
}

function observed(files: NodeWorkspaceFiles, observations: Observation[]): NodeWorkspaceFiles {
  const note = <T>(ask: (from: NodeWorkspaceFiles) => T): T => {
    observations.push({ ask, answer: answerOf(() => ask(files)) });
    return ask(files);
  };
  return {
    root: files.root,
    read: (path) => files.read(path),
    readText: (path) => note((from) => from.readText(path)),
    exists: (path) => note((from) => from.exists(path)),
    list: (folder) => note((from) => from.list(folder)),
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
