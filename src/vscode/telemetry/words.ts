import type { TelemetryEvent } from '../../core/telemetry/catalogue.ts';
import type { Localise } from '../review/plainText.ts';
import { kindWords } from '../workflow/words.ts';

export function stepKindWords(kind: NonNullable<TelemetryEvent['workflowStepKind']>, l10n: Localise): string {
  return kind === 'other' ? l10n.t('other') : kindWords(l10n, kind);
}

export function outcomeWords(outcome: TelemetryEvent['outcome'], l10n: Localise): string {
  switch (outcome) {
    case 'completed':
      return l10n.t('completed');
    case 'accepted':
      return l10n.t('accepted');
    case 'edited':
      return l10n.t('edited');
    case 'rejected':
      return l10n.t('rejected');
    case 'abandoned':
      return l10n.t('abandoned');
    case 'cancelled':
      return l10n.t('cancelled');
    case 'error':
      return l10n.t('failed');
    case 'measured':
      return l10n.t('measured');
    case 'other':
      return l10n.t('other');
  }
}
