import { isExpired } from './dismissals.ts';
import type { KnownFinding } from './frame.ts';
import type { ReviewInput } from './input.ts';
import { instructionsText } from './instructions.ts';
import type { Redactor } from './redact.ts';

/** What goes to the model beside the text under review, without secrets. */
export interface Asides {
  /** The conventions that apply to some of these paths. */
  instructions(paths: readonly string[]): string;
  rules: string;
  known: readonly KnownFinding[];
  dismissed: readonly DismissedFinding[];
}

export interface DismissedFinding extends KnownFinding {
  fingerprint: string;
}

export const NO_ASIDES: Asides = { instructions: () => '', rules: '', known: [], dismissed: [] };

/**
 * Conventions, rules and lists come from files too, and a secret in them is as secret. They are redacted when everything else that may
 * be sent was looked through as well: a linter's message quotes what stands in the code.
 */
export async function learnAsides(input: ReviewInput, redactor: Redactor): Promise<() => Asides> {
  const { facts, instructionFiles = [] } = input;
  const current = input.dismissals.filter((dismissal) => !isExpired(dismissal.expires, facts.now));
  const always = await redactor.learn('', input.instructions);
  const files = await Promise.all(instructionFiles.map(async (file) => ({ file, body: await redactor.learn('', file.body) })));
  const rules = await redactor.learn('', input.rules);
  const known = await learnEach(
    input.known.map(({ file, line, message }) => ({ file, line, text: message })),
    redactor,
  );
  const dismissed = await learnEach(
    current.flatMap(({ file, fingerprint, title, reason }) =>
      file === undefined ? [] : [{ file, fingerprint, text: `${title ?? ''} (${reason})` }],
    ),
    redactor,
  );
  return () => {
    const general = always.redact().text;
    const clean = files.map(({ file, body }) => ({ ...file, body: body.redact().text }));
    return {
      instructions: (paths) => [general, instructionsText(clean, paths)].filter((text) => text !== '').join('\n\n'),
      rules: rules.redact().text,
      known: known(),
      dismissed: dismissed(),
    };
  };
}

async function learnEach<T extends KnownFinding>(items: readonly T[], redactor: Redactor): Promise<() => T[]> {
  const learnt = await redactor.learn('', items.map(({ text }) => text.replace(/\s+/gu, ' ')).join('\n'));
  return () => {
    const texts = learnt.redact().text.split('\n');
    return items.map((item, index) => ({ ...item, text: texts[index] ?? '' }));
  };
}
