import type { SecretScanner } from '../provider.ts';
import { isExpired } from './dismissals.ts';
import type { KnownFinding } from './frame.ts';
import type { ReviewInput } from './input.ts';
import { instructionsText } from './instructions.ts';
import { redact } from './redact.ts';

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

/** Conventions, rules and lists come from files too, and a secret in them is as secret. */
export async function prepareAsides(input: ReviewInput, secrets: SecretScanner): Promise<Asides> {
  const { instructions, instructionFiles = [], rules, known, dismissals, facts } = input;
  const clean = async (text: string): Promise<string> => (await redact(secrets, '', text)).text;
  const cleanEach = async <T extends KnownFinding>(items: readonly T[]): Promise<T[]> => {
    const texts = (await clean(items.map(({ text }) => text.replace(/\s+/gu, ' ')).join('\n'))).split('\n');
    return items.map((item, index) => ({ ...item, text: texts[index] ?? '' }));
  };
  const always = await clean(instructions);
  const files = await Promise.all(instructionFiles.map(async (file) => ({ ...file, body: await clean(file.body) })));
  const current = dismissals.filter((dismissal) => !isExpired(dismissal.expires, facts.now));
  return {
    instructions: (paths) => [always, instructionsText(files, paths)].filter((text) => text !== '').join('\n\n'),
    rules: await clean(rules),
    known: await cleanEach(known.map(({ file, line, message }) => ({ file, line, text: message }))),
    dismissed: await cleanEach(
      current.flatMap(({ file, fingerprint, title, reason }) =>
        file === undefined ? [] : [{ file, fingerprint, text: `${title ?? ''} (${reason})` }],
      ),
    ),
  };
}
