import type * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { registerCommands } from '../commands.ts';
import type { Services } from '../services.ts';
import type { ReportView } from './reportView.ts';

/** A team's report in the editor. Nothing of it is loaded before somebody asks for it. */
export function registerReport(services: Services): vscode.Disposable {
  const store = new DisposableStore();
  let view: Promise<ReportView> | undefined;
  const load = (): Promise<ReportView> =>
    (view ??= import('./reportView.ts').then(({ ReportView: View }) => store.add(new View(services))));
  store.add(
    registerCommands(services.log, {
      'handrail.openReport': async (folder) => (await load()).open(folder),
      'handrail.chooseReportFolder': async () => (await load()).chooseFolder(),
      'handrail.exportReport': async (format) => (await load()).export(format),
      'handrail.changeReportAssumptions': async () => (await load()).changeAssumptions(),
      'handrail.tryWorkflowChange': async (step, change) => (await load()).tryChange(step, change),
    }),
  );
  return store;
}
