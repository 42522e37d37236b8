import type { AutomationResult } from '../../core/workflow/automation/automation.ts';
import { oneLine } from '../review/plainText.ts';
import type { Localiser } from '../workflow/words.ts';

/** Beside the title of the progress: how far it is, and what is performed. `running` are titles of steps. */
export function progressText(running: readonly string[], { settled, total }: { settled: number; total: number }, l10n: Localiser): string {
  const what = running.map((title) => oneLine(title, 40)).join(', ');
  if (total === 0) return what;
  const far = l10n.t('{0} of {1}', settled, total);
  return what === '' ? far : `${far} · ${what}`;
}

export type EndButton = 'step' | 'again' | 'log';

export interface EndMessage {
  text: string;
  isWarning: boolean;
  buttons: EndButton[];
  /** Id of the step that *Go to Step* leads to. */
  step?: string;
}

/** What a person is told when a run ended, and what leads on from there. */
export function endMessage(result: AutomationResult, until: { title: string } | undefined, l10n: Localiser): EndMessage {
  const { ended, performed, waitingFor, left, status } = result;
  const done = performed.filter(({ outcome }) => outcome === 'done').length;
  const count = done === 1 ? l10n.t('1 step was performed.') : l10n.t('{0} steps were performed.', done);
  const log: EndButton[] = performed.length > 0 ? ['log'] : [];
  switch (ended) {
    case 'reached': {
      const what = until === undefined ? l10n.t('Everything in the workflow is done.') : l10n.t('“{0}” is done.', oneLine(until.title, 80));
      return { text: `${what} ${count}`, isWarning: false, buttons: log };
    }
    case 'waiting': {
      const [first, ...others] = waitingFor;
      const who = first?.by === undefined ? '' : ` (${oneLine(first.by.join(', '), 60)})`;
      const more = others.length === 0 ? '' : ` ${l10n.t('and {0} more', others.length)}`;
      const text = l10n.t('The workflow waits for people: “{0}”{1}{2}.', oneLine(first?.title ?? '', 80), who, more);
      return { text: `${text} ${count}`, isWarning: false, buttons: ['step', ...log], ...(first === undefined ? {} : { step: first.id }) };
    }
    case 'failed': {
      const failed = performed.find(
        ({ outcome, id }) => outcome === 'failed' && status.steps.some((step) => step.id === id && step.state !== 'done'),
      );
      const text = l10n.t('“{0}” failed: {1}.', oneLine(failed?.title ?? '', 80), oneLine(failed?.detail ?? '', 160).replace(/\.$/, ''));
      return {
        text: `${text} ${count}`,
        isWarning: true,
        buttons: ['step', 'again', ...log],
        ...(failed === undefined ? {} : { step: failed.id }),
      };
    }
    case 'unsettled': {
      const [first] = left;
      const text = l10n.t('“{0}” does not count as done: {1}.', oneLine(first?.title ?? '', 80), oneLine(first?.because ?? '', 120));
      return { text: `${text} ${count}`, isWarning: true, buttons: ['again', ...log] };
    }
    case 'cancelled':
      return {
        text: l10n.t('The run was cancelled. Run it again, and it goes on where it stopped.'),
        isWarning: false,
        buttons: ['again', ...log],
      };
  }
}
