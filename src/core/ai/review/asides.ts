import type { SecretScanner } from '../provider.ts';
import { isExpired } from './dismissals.ts';
import type { KnownFinding } from './frame.ts';
import type { ReviewInput } from './input.ts';
import { redact } from './redact.ts';

/** What goes to the model beside the text under review, without secrets. */
export interface Asides {
  instructions: string;
  rules: string;
  known: readonly KnownFinding[];
  dismissed: readonly KnownFinding[];
}

/** Conventions, rules and lists come from files too, and a secret in them is as secret. */
export async function prepareAsides(input: ReviewInput, secrets: SecretScanner): Promise<Asides> {
  const { instructions, rules, known, dismissals, facts } = input;
  const clean = async (text: string): Promise<string> => (await redact(secrets, '', text)).text;
  const cleanEach = async (items: readonly KnownFinding[]): Promise<KnownFinding[]> => {
    const texts = (await clean(items.map(({ text }) => text.replace(/\s+/gu, ' ')).join('\n'))).split('\n');
    return items.map((item, index) => ({ ...item, text: texts[index] ?? '' }));
  };
  const current = dismissals.filter((dismissal) => !isExpired(dismissal.expires, facts.now));
  return {
    instructions: await clean(instructions),
    rules: await clean(rules),
    known: await cleanEach(known.map(({ file, line, message }) => ({ file, line, text: message }))),
    dismissed: await cleanEach(
      current.flatMap(({ file, title, reason }) => (file === undefined ? [] : [{ file, text: `${title ?? ''} (${reason})` }])),
    ),
  };
}
