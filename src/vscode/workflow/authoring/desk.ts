import * as vscode from 'vscode';
import type { Draft } from '../../../core/workflow/authoring/draft.ts';
import type { BranchFacts, Surroundings } from '../../../core/workflow/authoring/surroundings.ts';
import type { UnsavedTexts } from '../../../core/workflow/service.ts';
import { failureOf } from '../../../core/errors.ts';
import { DisposableStore } from '../../../core/lifecycle.ts';
import { locateFile, unsavedIn } from '../../folders.ts';
import type { Services } from '../../services.ts';
import type { WorkflowModel } from '../workflowModel.ts';

/** A document under `.handrail/` with what is known about it. */
export interface Open {
  document: vscode.TextDocument;
  folder: vscode.WorkspaceFolder;
  /** Relative to the folder, with `/`. */
  path: string;
  draft: Draft;
  around: Surroundings;
}

/** Most files of a folder that globs are shown on. */
const MAX_FILES = 20_000;
/** How long what git and the file system said is taken for the present. Milliseconds; any change of the run ends it at once. */
const PRESENT = 3_000;
/** Drafts kept beside the documents that are being asked about. */
const MAX_DRAFTS = 4;

/**
 * What the providers of the files under `.handrail/` share: each version of a text is read once, and the folder and its branch are asked
 * once for many questions. The code that knows the languages is loaded with the first question.
 */
export class AuthoringDesk implements vscode.Disposable {
  readonly #services: Services;
  readonly #model: WorkflowModel;
  readonly #drafts = new Map<string, { version: number; draft: Draft }>();
  readonly #files = new Map<string, { asked: number; answer: Promise<readonly string[]> }>();
  readonly #branches = new Map<string, { asked: number; answer: Promise<BranchFacts | undefined> }>();
  readonly #store = new DisposableStore();

  constructor(services: Services, model: WorkflowModel) {
    this.#services = services;
    this.#model = model;
    this.#store.add(
      model.onDidChange(() => {
        this.#files.clear();
        this.#branches.clear();
      }),
    );
    this.#store.add(vscode.workspace.onDidCloseTextDocument((document) => this.#drafts.delete(document.uri.toString())));
  }

  /** The document as somebody has typed it so far; undefined when it is none of ours. */
  async open(document: vscode.TextDocument): Promise<Open | undefined> {
    const place = locateFile(document.uri);
    if (place === undefined) return undefined;
    const draft = await this.#draftOf(document, place.path);
    return draft && { document, ...place, draft, around: await this.around(place.folder) };
  }

  async #draftOf(document: vscode.TextDocument, path: string): Promise<Draft | undefined> {
    const key = document.uri.toString();
    const { Draft: DraftOfText } = await import('../../../core/workflow/authoring/draft.ts');
    const known = this.#drafts.get(key);
    if (known?.version === document.version) return known.draft;
    const draft = DraftOfText.of(document.getText(), path);
    if (draft === undefined) return undefined;
    this.#drafts.delete(key);
    this.#drafts.set(key, { version: document.version, draft });
    for (const old of [...this.#drafts.keys()].slice(0, -MAX_DRAFTS)) this.#drafts.delete(old);
    return draft;
  }

  /** What lies around the files of a folder. */
  async around(folder: vscode.WorkspaceFolder): Promise<Surroundings> {
    const { surroundingsOf } = await import('../../../node/workflow/surroundings.ts');
    return surroundingsOf(folder.uri.fsPath, {
      unsaved: () => unsavedTexts(folder),
      files: () => this.#filesOf(folder),
      branch: () => this.#branchOf(folder),
      step: (path, id) => (this.#isShown(folder, path) ? this.#model.step(id) : undefined),
    });
  }

  #isShown(folder: vscode.WorkspaceFolder, path: string): boolean {
    return this.#model.folder?.uri.toString() === folder.uri.toString() && this.#model.run?.workflow?.path === path;
  }

  #filesOf(folder: vscode.WorkspaceFolder): Promise<readonly string[]> {
    return present(this.#files, folder, async () => {
      const pattern = new vscode.RelativePattern(folder, '**/*');
      const found = await vscode.workspace.findFiles(pattern, '**/{.git,node_modules}/**', MAX_FILES);
      return found.map((uri) => locateFile(uri)?.path ?? '').filter((path) => path !== '');
    });
  }

  /** Git is not asked in a folder that is not trusted, and a folder without git has no branch. */
  #branchOf(folder: vscode.WorkspaceFolder): Promise<BranchFacts | undefined> {
    if (!vscode.workspace.isTrusted) return Promise.resolve(undefined);
    return present(this.#branches, folder, async () => {
      try {
        return await (await this.#services.workflow(folder)).facts();
      } catch (error) {
        if (failureOf(error)) return undefined;
        throw error;
      }
    });
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** Asks once for all questions of the same present. */
function present<T>(
  answers: Map<string, { asked: number; answer: Promise<T> }>,
  folder: vscode.WorkspaceFolder,
  ask: () => Promise<T>,
): Promise<T> {
  const key = folder.uri.toString();
  const known = answers.get(key);
  if (known !== undefined && Date.now() - known.asked < PRESENT) return known.answer;
  const answer = ask();
  answers.set(key, { asked: Date.now(), answer });
  return answer;
}

/** Texts of a folder that are not saved yet, by path. */
export function unsavedTexts(folder: vscode.WorkspaceFolder): UnsavedTexts {
  return Object.fromEntries(
    unsavedIn(folder).flatMap((document) => {
      const place = locateFile(document.uri);
      return place === undefined ? [] : [[place.path, document.getText()]];
    }),
  );
}
