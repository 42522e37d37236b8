import type { TelemetryEvent } from '../../core/telemetry/catalogue.ts';
import type { Localise } from '../review/plainText.ts';

export function operationWords(operation: TelemetryEvent['operation'], l10n: Localise): string {
  switch (operation) {
    case 'review':
      return l10n.t('Reviews');
    case 'generate':
      return l10n.t('Generations');
    case 'command':
      return l10n.t('Command steps');
    case 'manual':
      return l10n.t('Steps by hand');
    case 'approval':
      return l10n.t('Approvals');
    case 'other':
      return l10n.t('Other');
  }
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
    case 'other':
      return l10n.t('other');
  }
}
