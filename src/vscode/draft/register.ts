import type * as vscode from 'vscode';
import { registerCommands, Remedies } from '../commands.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import type { Services } from '../services.ts';
import type { Drafts } from './drafts.ts';

/** Commit messages and descriptions of pull requests; their code loads on first use. */
export function registerDrafts(services: Services, reviews: ReviewServices): vscode.Disposable {
  const remedies = new Remedies();
  let loaded: Promise<Drafts> | undefined;
  const drafts = (): Promise<Drafts> => (loaded ??= import('./drafts.ts').then((module) => new module.Drafts(services, reviews, remedies)));
  return registerCommands(
    services.log,
    {
      'handrail.generateCommitMessage': async (source) => (await drafts()).commitMessage(source),
      'handrail.restoreCommitMessage': async () => (await drafts()).restore(),
      'handrail.generatePullRequest': async () => (await drafts()).pullRequest(),
    },
    (failure) => remedies.of(failure),
  );
}
