import * as vscode from 'vscode';
import type { ModelStatus } from '../../../core/ai/models/modelStatus.ts';
import { failureOf, HandrailError } from '../../../core/errors.ts';
import { DisposableStore } from '../../../core/lifecycle.ts';
import { registerCommands, Remedies } from '../../commands.ts';
import type { ModelTarget, Remedy } from '../../commands.ts';
import { exists, locateFile } from '../../folders.ts';
import type { ReviewServices } from '../../review/reviewServices.ts';
import { showInformation, withNotification } from '../../messages.ts';
import type { Services } from '../../services.ts';
import { modelRemedy } from '../modelRemedy.ts';
import { ModelsView } from './modelsView.ts';
import { readModels } from './readModels.ts';

const FILE = '.handrail/models.yml';

/** The *Models* view and its commands. Nothing of it runs before somebody looks. */
export function registerModels(services: Services, reviews: ReviewServices): vscode.Disposable {
  return new ModelsFeature(services, reviews);
}

class ModelsFeature implements vscode.Disposable {
  readonly #services: Services;
  readonly #reviews: ReviewServices;
  readonly #store = new DisposableStore();
  readonly #view: ModelsView;
  readonly #remedies = new Remedies();
  readonly #testing = new Set<string>();
  #watcher = new DisposableStore();

  constructor(services: Services, reviews: ReviewServices) {
    this.#services = services;
    this.#reviews = reviews;
    this.#view = this.#store.add(
      new ModelsView(
        () => readModels(services, reviews, this.#testing),
        () => this.#follow(),
      ),
    );
    this.#store.add(
      registerCommands(
        services.log,
        {
          'handrail.switchModel': () => this.#switch(),
          'handrail.testModel': (target) => this.#test(target),
          'handrail.confirmModel': (target) => this.#confirm(target),
          'handrail.openModelsFile': () => this.#openFile(),
          'handrail.refreshModels': () => this.#view.refresh(),
        },
        (failure) => this.#remedies.of(failure),
      ),
    );
  }

  /** From the first look on, what changes is shown: the file, the end of what asks models, and what the person decides. */
  #follow(): void {
    const refresh = (): void => void this.#view.refresh();
    const { folders, activity, context } = this.#services;
    this.#watchFile();
    this.#store.add(
      folders.onDidChange(() => {
        this.#watchFile();
        refresh();
      }),
    );
    // While something runs its text changes all the time; what it has cost is known when it ended.
    this.#store.add(activity.onDidChange(() => activity.text === undefined && refresh()));
    this.#store.add(this.#reviews.onDidDecide(refresh));
    this.#store.add(context.secrets.onDidChange(refresh));
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(refresh));
    this.#store.add(vscode.workspace.onDidSaveTextDocument(({ uri }) => locateFile(uri)?.path === FILE && refresh()));
  }

  #watchFile(): void {
    this.#watcher.dispose();
    this.#watcher = new DisposableStore();
    const folder = this.#services.folders.current;
    if (folder === undefined) return;
    const watcher = this.#watcher.add(vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, FILE)));
    const refresh = (): void => void this.#view.refresh();
    for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete]) this.#watcher.add(event(refresh));
  }

  async #switch(): Promise<void> {
    const { chooseModel } = await import('../chooseModel.ts');
    await chooseModel(await this.#reviews.of(this.#services.requireFolder()), this.#reviews.answers);
    await this.#view.refresh();
  }

  async #confirm(target: ModelTarget | undefined): Promise<void> {
    const model = await this.#named(target, ({ confirmed }) => confirmed === false);
    if (model === undefined) return;
    const { confirmModel } = await import('../confirmModel.ts');
    await confirmModel(await this.#reviews.of(this.#services.requireFolder()), this.#reviews.answers, model.name);
  }

  async #test(target: ModelTarget | undefined): Promise<void> {
    const model = await this.#named(target, () => true);
    if (model === undefined || this.#testing.has(model.name)) return;
    const service = await this.#reviews.models(this.#services.requireFolder());
    this.#testing.add(model.name);
    void this.#view.refresh();
    try {
      const shown = await withNotification(vscode.l10n.t('Testing {0}', model.name), async (_report, token) => {
        const cancel = new AbortController();
        const stop = token.onCancellationRequested(() => cancel.abort());
        try {
          return await service.test(model.name, { signal: cancel.signal });
        } finally {
          stop.dispose();
        }
      });
      // Its words are those of the rows, which load when they are first needed.
      const { testedText } = await import('./modelWords.ts');
      void showInformation(testedText(shown, vscode.l10n));
    } catch (error) {
      const failure = failureOf(error);
      throw failure === undefined ? error : this.#remedies.with(failure, this.#remedyFor(failure, model));
    } finally {
      this.#testing.delete(model.name);
      await this.#view.refresh();
    }
  }

  #remedyFor(failure: HandrailError, model: Named): Remedy | undefined {
    const target = { modelName: model.name, origin: model.origin };
    const again = (): Thenable<unknown> => vscode.commands.executeCommand('handrail.testModel', target);
    const service = () => this.#reviews.of(this.#services.requireFolder());
    const { keys, answers } = this.#reviews;
    if (failure.reason === 'untrusted' && vscode.workspace.isTrusted) {
      return {
        label: vscode.l10n.t('Confirm…'),
        run: async () => {
          const { confirmModel } = await import('../confirmModel.ts');
          if (await confirmModel(await service(), answers, model.name)) await again();
        },
      };
    }
    return modelRemedy(failure, { service, keys, answers, origin: model.origin }, again);
  }

  /** The model of a row, or the one that the person picks. */
  async #named(target: ModelTarget | undefined, isMeant: (model: ModelStatus) => boolean): Promise<Named | undefined> {
    if (target?.modelName !== undefined) return { name: target.modelName, origin: target.origin };
    const { models } = await (await this.#reviews.models(this.#services.requireFolder())).status();
    const some = models.filter((model) => (model.inFile || model.inUse) && isMeant(model));
    if (some.length === 0) {
      throw new HandrailError('not-found', vscode.l10n.t('There is no such model in this workspace.'), {
        hint: vscode.l10n.t('Choose one with “Handrail: Choose Model…”, or name one in .handrail/models.yml.'),
      });
    }
    const items = some.map(({ name, model, origin }) => ({ label: name, description: model, detail: origin, name, origin }));
    const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Which model?'), matchOnDescription: true });
    return picked && { name: picked.name, origin: picked.origin };
  }

  async #openFile(): Promise<void> {
    const uri = vscode.Uri.joinPath(this.#services.requireFolder().uri, ...FILE.split('/'));
    if (await exists(uri)) await vscode.window.showTextDocument(uri);
    else {
      throw new HandrailError('not-found', vscode.l10n.t('This folder has no .handrail/models.yml.'), {
        hint: vscode.l10n.t('Choose a model with “Handrail: Choose Model…”, or write the file for the whole team.'),
      });
    }
  }

  dispose(): void {
    this.#watcher.dispose();
    this.#store.dispose();
  }
}

interface Named {
  name: string;
  origin: string | undefined;
}
