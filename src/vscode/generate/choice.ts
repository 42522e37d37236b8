import type { ProposedChange } from '../../core/ai/generate/generation.ts';
import { hunkAt, hunksOf, linesIn, partOf, textWith } from '../../core/ai/generate/hunks.ts';
import type { Hunk } from '../../core/ai/generate/hunks.ts';

/** A file of the proposal, or one of its parts by index. */
export interface ChangeTarget {
  file: string;
  hunk?: number;
}

export interface ChosenFile {
  readonly change: ProposedChange;
  readonly hunks: readonly Hunk[];
  /** Indices of the parts that accepting writes. */
  readonly taken: ReadonlySet<number>;
}

/** Parts that are taken, and all there are. */
export interface ChoiceSize {
  taken: number;
  all: number;
  /** Files with a part that is taken. */
  files: number;
  /** Lines that come and go with what is taken. */
  added: number;
  removed: number;
}

/** Which parts of a proposal are taken; all of them to begin with. */
export class ProposalChoice {
  readonly #files = new Map<string, { change: ProposedChange; hunks: readonly Hunk[]; taken: Set<number> }>();

  constructor(changes: readonly ProposedChange[]) {
    for (const change of changes) {
      const hunks = hunksOf(change);
      this.#files.set(change.file, { change, hunks, taken: new Set(hunks.keys()) });
    }
  }

  get files(): readonly ChosenFile[] {
    return [...this.#files.values()];
  }

  /** What accepting writes now. */
  get changes(): ProposedChange[] {
    return this.files.flatMap(({ change, hunks, taken }) => partOf(change, hunks, (index) => taken.has(index)) ?? []);
  }

  get size(): ChoiceSize {
    const files = this.files;
    const taken = files.flatMap((file) => takenHunks(file));
    return {
      taken: taken.length,
      all: files.reduce((sum, { hunks }) => sum + hunks.length, 0),
      files: files.filter((file) => file.taken.size > 0).length,
      added: taken.reduce((sum, hunk) => sum + hunk.added, 0),
      removed: taken.reduce((sum, hunk) => sum + hunk.removed, 0),
    };
  }

  /** The text of a file as accepting would leave it. */
  textOf(file: string): string | undefined {
    const found = this.#files.get(file);
    if (found === undefined) return undefined;
    const { change, hunks, taken } = found;
    return taken.size === hunks.length ? change.after : textWith(change, hunks, (index) => taken.has(index));
  }

  /** Takes or leaves a part, or a whole file. Answers whether that changed anything. */
  set({ file, hunk }: ChangeTarget, isTaken: boolean): boolean {
    const found = this.#files.get(file);
    if (found === undefined) return false;
    const before = found.taken.size;
    for (const index of hunk === undefined ? found.hunks.keys() : [hunk]) {
      if (!isTaken) found.taken.delete(index);
      else if (found.hunks[index] !== undefined) found.taken.add(index);
    }
    return found.taken.size !== before;
  }

  /** Leaves everything but this. Answers the files whose text is another now. */
  setOnly(target: ChangeTarget): string[] {
    const before = new Map([...this.#files.keys()].map((file) => [file, this.textOf(file)]));
    for (const file of this.#files.keys()) this.set({ file }, false);
    this.set(target, true);
    return [...before].filter(([file, text]) => this.textOf(file) !== text).map(([file]) => file);
  }

  isTaken({ file, hunk }: ChangeTarget): boolean {
    const taken = this.#files.get(file)?.taken;
    return taken !== undefined && (hunk === undefined ? taken.size > 0 : taken.has(hunk));
  }

  /** The part at a line, from 1, of the text that {@link textOf} gives. */
  at(file: string, line: number): ChangeTarget | undefined {
    const found = this.#files.get(file);
    const hunk = found && hunkAt(found.hunks, (index) => found.taken.has(index), line);
    return hunk === undefined ? undefined : { file, hunk };
  }

  /** Where a part stands in that text: its first line, from 1. */
  lineOf({ file, hunk = 0 }: ChangeTarget): number {
    const found = this.#files.get(file);
    return found === undefined ? 1 : linesIn(found.hunks, (index) => found.taken.has(index), hunk).first;
  }
}

function takenHunks({ hunks, taken }: ChosenFile): Hunk[] {
  return hunks.filter((_, index) => taken.has(index));
}
