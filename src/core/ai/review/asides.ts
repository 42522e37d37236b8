import { isExpired } from './dismissals.ts';
import type { KnownFinding } from './frame.ts';
import type { ReviewInput } from './input.ts';
import type { Redactor } from './redact.ts';

/** What goes to the model beside the text under review, without secrets. */
export interface Asides {
  instructions: string;
  rules: string;
  known: readonly KnownFinding[];
  dismissed: readonly KnownFinding[];
}

/**
 * Conventions, rules and lists come from files too, and a secret in them is as secret. They are redacted when everything else that may
 * be sent was looked through as well: a linter's message quotes what stands in the code.
 */
export async function learnAsides(input: ReviewInput, redactor: Redactor): Promise<() => Asides> {
  const { facts } = input;
  const current = input.dismissals.filter((dismissal) => !isExpired(dismissal.expires, facts.now));
  const instructions = await redactor.learn('', input.instructions);
  const rules = await redactor.learn('', input.rules);
  const known = await learnEach(
    input.known.map(({ file, line, message }) => ({ file, line, text: message })),
    redactor,
  );
  const dismissed = await learnEach(
    current.flatMap(({ file, title, reason }) => (file === undefined ? [] : [{ file, text: `${title ?? ''} (${reason})` }])),
    redactor,
  );
  return () => ({ instructions: instructions.redact().text, rules: rules.redact().text, known: known(), dismissed: dismissed() });
}

async function learnEach(items: readonly KnownFinding[], redactor: Redactor): Promise<() => KnownFinding[]> {
  const learnt = await redactor.learn('', items.map(({ text }) => text.replace(/\s+/gu, ' ')).join('\n'));
  return () => {
    const texts = learnt.redact().text.split('\n');
    return items.map((item, index) => ({ ...item, text: texts[index] ?? '' }));
  };
}
