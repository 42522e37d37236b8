import type { HandrailError } from '../../core/errors.ts';
import { printable } from './printable.ts';

/** One line: where, what, and the next action. */
export function failureLine(failure: HandrailError): string {
  const { location, message, hint } = failure;
  // A path that the sentence names is not said twice.
  const said = location === undefined || (location.line === undefined && message.includes(location.path));
  const where = said ? '' : `${[location.path, location.line, location.column].filter((part) => part !== undefined).join(':')}: `;
  const line = `handrail: ${where}${sentence(message)}${hint === undefined ? '' : ` ${sentence(hint)}`}`;
  return printable(line).replace(/\s*\n\s*/g, ' ');
}

/** The document on stdout when a command fails with `--format json`. */
export function failureDocument(failure: HandrailError): {
  error: { reason: string; message: string; hint?: string; location?: HandrailError['location'] };
} {
  const { reason, message, hint, location } = failure;
  return { error: { reason, message, ...(hint === undefined ? {} : { hint }), ...(location === undefined ? {} : { location }) } };
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?:…`]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
