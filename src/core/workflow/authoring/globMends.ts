import { globProblem } from '../globs.ts';

/** Longest range that is written out as a list. */
const MAX_RANGE = 20;
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' };

/** A glob that means what a bad one was meant to, where that is certain; undefined where it is not. */
export function mendedGlob(glob: string): string | undefined {
  const mended = closed(
    glob
      .trim()
      .replace(/@\(([^()]*)\)/g, (_all, alternatives: string) => `{${alternatives.replaceAll('|', ',')}}`)
      .replace(/\{(\d{1,4})\.\.(\d{1,4})\}/g, (all, from: string, to: string) => range(Number(from), Number(to)) ?? all),
  );
  return mended === glob || globProblem(mended) !== undefined ? undefined : mended;
}

function range(from: number, to: number): string | undefined {
  if (to < from || to - from >= MAX_RANGE) return undefined;
  return `{${Array.from({ length: to - from + 1 }, (_, index) => from + index).join(',')}}`;
}

/** With the brackets that are open at the end closed; one that closes nothing is left for a person to judge. */
function closed(glob: string): string {
  const open: string[] = [];
  for (let index = 0; index < glob.length; index++) {
    const char = glob.charAt(index);
    if (char === '\\') index++;
    else if (open.at(-1) === ']') {
      if (char === ']') open.pop();
    } else if (CLOSING[char] !== undefined) open.push(CLOSING[char]);
    else if (char === open.at(-1)) open.pop();
  }
  return glob + open.reverse().join('');
}
