import { hiddenIn } from '../../hiddenCharacters.ts';
import { cleaned } from '../review/place.ts';
import type { Redacted } from '../review/redact.ts';
import { asWritten, showHidden } from '../shownText.ts';
import type { EditBlock } from './blocks.ts';
import type { GenerateTarget, PlacedEdit, ProposedChange, UnplacedEdit } from './generation.ts';
import { applyEdits } from './lineEdits.ts';
import { EditPlacer, type NoPlace } from './placeEdits.ts';
import { hasMarker } from './restore.ts';
import { cautionFor, refusedName, refusedTarget } from './targets.ts';

/** What only the disk and git know about a path that a model wants to change. */
export interface TargetFacts {
  /** Why it may not be written, as a plain sentence: ignored, read-only, a link out of the workspace; undefined when it may. `named`: by the person. */
  refused(path: string, named: boolean): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
}

export interface ProposalContext {
  shown: ReadonlyMap<string, { file: { path: string; text: string; bom?: boolean }; redacted: Redacted }>;
  usedMarkers: ReadonlySet<string>;
  at: GenerateTarget | undefined;
  named: readonly string[];
  facts: TargetFacts;
  /** Files by the path that the model was told, where that is not their own. */
  toldPaths?: ReadonlyMap<string, string>;
}

export interface Proposal {
  changes: ProposedChange[];
  unplaced: UnplacedEdit[];
  notices: string[];
}

/** A block without a place, as {@link UnplacedEdit} shows it. */
interface FailedBlock {
  shown: UnplacedEdit;
  /** See {@link NoPlace}. */
  requote: boolean;
}

/** The block with the characters in the place of the marks that the model was shown. */
function unmarked({ path, readings, ...rest }: EditBlock): EditBlock {
  const plain = (lines: readonly string[]): string[] => lines.map(asWritten);
  return {
    ...rest,
    path: asWritten(path),
    readings: readings.map(({ search, replacement }) => ({ search: plain(search), replacement: plain(replacement) })),
  };
}

/**
 * Collects the edits of one or more answers about the same files: what was placed first stays, and later blocks must not overlap it. A block
 * that has no certain place, or no business there, is listed with the reason instead.
 */
export class ProposalBuilder {
  readonly #context: ProposalContext;
  readonly #placers = new Map<string, EditPlacer>();
  readonly #edits = new Map<string, PlacedEdit[]>();
  readonly #created = new Map<string, string>();
  #failed: FailedBlock[] = [];
  readonly #refusals = new Map<string, string | undefined>();
  #unchanged = 0;

  constructor(context: ProposalContext) {
    this.#context = context;
  }

  async addAll(blocks: readonly EditBlock[]): Promise<void> {
    for (const block of blocks) {
      const { failed } = await this.#add(unmarked(block));
      if (failed) this.#failed.push(failed);
    }
  }

  /** Blocks that another quote could place, in their order. What is refused is refused. */
  get requotable(): UnplacedEdit[] {
    return this.#failed.filter(({ requote }) => requote).map(({ shown }) => shown);
  }

  /** Lines of a file that already have an edit. */
  placedIn(path: string): readonly PlacedEdit[] {
    return this.#edits.get(path) ?? [];
  }

  /**
   * Takes the blocks of an answer that was asked to quote the failed ones anew. Each is matched with the failed block whose text it
   * shares; that one is settled when it has a place now, and keeps the newer reason otherwise. Returns how many were settled.
   */
  async repair(blocks: readonly EditBlock[]): Promise<number> {
    const open = new Set(this.#failed.filter(({ requote }) => requote));
    const asked = open.size;
    for (const block of blocks) {
      const plain = unmarked(block);
      const { path, failed } = await this.#add(plain);
      const former = likest(path, plain, open);
      if (!former) {
        if (failed) this.#failed.push(failed);
        continue;
      }
      open.delete(former);
      this.#failed = this.#failed.flatMap((one) => (one === former ? (failed ?? []) : one));
    }
    return asked - this.requotable.length;
  }

  async #add(block: EditBlock): Promise<{ path: string; failed: FailedBlock | undefined }> {
    const path = this.#pathOf(block);
    const refused = block.damage ?? (await this.#refused(path));
    const none = refused === undefined ? await this.#place(path, block) : { because: refused };
    if (none === undefined) return { path, failed: undefined };
    const { search, replacement } = block.readings[0] ?? { search: [], replacement: [] };
    const shown = { file: path, search: search.join('\n'), replacement: replacement.join('\n'), because: none.because };
    return { path, failed: { shown, requote: none.requote === true } };
  }

  finish(): Proposal {
    const changes: ProposedChange[] = [];
    for (const [path, edits] of this.#edits) {
      const file = this.#context.shown.get(path)?.file;
      if (!file) continue;
      const ordered = edits
        .map((edit, index) => ({ edit, index }))
        .sort((a, b) => a.edit.startLine - b.edit.startLine || a.index - b.index);
      const change: ProposedChange = {
        file: path,
        kind: 'edit',
        before: file.text,
        after: applyEdits(file.text, edits),
        edits: ordered.map(({ edit }) => edit),
      };
      if (file.bom) change.bom = true;
      changes.push(change);
    }
    for (const [path, after] of this.#created) changes.push({ file: path, kind: 'create', before: '', after, edits: [] });
    changes.sort((a, b) => (a.file < b.file ? -1 : 1));
    const notices = changes.flatMap((change) => [cautionFor(change.file) ?? [], hidingNotice(change) ?? []].flat());
    if (this.#unchanged > 0 && changes.length === 0) notices.push('What the model wrote is what is there already.');
    return { changes, unplaced: this.#failed.map(({ shown }) => shown), notices };
  }

  /** The path of a shown file however the model wrote it; else the path as written, cleaned. */
  #pathOf({ path }: EditBlock): string {
    const { shown, at, toldPaths } = this.#context;
    const told = toldPaths?.get(path);
    if (told !== undefined) return told;
    if (path === '') return at?.file ?? (shown.size === 1 ? ([...shown.keys()][0] ?? '') : '');
    if (shown.has(path)) return path;
    const plain = path.replaceAll('\\', '/').replace(/^(?:\.\/)+/u, '');
    if (shown.has(plain)) return plain;
    const stripped = plain.replace(/^[ab]\//u, '');
    if (shown.has(stripped)) return stripped;
    // `Change src/a.ts` on a line of its own; a path may have blanks, so this comes after the whole.
    const last = plain.split(/\s+/u).at(-1) ?? '';
    if (shown.has(last)) return last;
    const bySuffix = [...shown.keys()].filter((known) => known.endsWith(`/${plain}`));
    return bySuffix.length === 1 && !this.#created.has(plain) ? (bySuffix[0] ?? plain) : plain;
  }

  async #refused(path: string): Promise<string | undefined> {
    if (this.#refusals.has(path)) return this.#refusals.get(path);
    const named = this.#context.named.includes(path);
    const because = refusedTarget(path, named) ?? (await this.#context.facts.refused(path, named));
    this.#refusals.set(path, because);
    return because;
  }

  /** Why the block has no place; undefined when it got one. */
  async #place(path: string, block: EditBlock): Promise<NoPlace | undefined> {
    const shown = this.#context.shown.get(path);
    if (!shown) {
      const because = await this.#create(path, block);
      return because === undefined ? undefined : { because };
    }
    let placer = this.#placers.get(path);
    if (!placer) {
      placer = new EditPlacer({ path, original: shown.file.text, redacted: shown.redacted }, this.#context.at, this.#context.usedMarkers);
      this.#placers.set(path, placer);
    }
    const placement = placer.place(block);
    if ('because' in placement) return placement;
    if ('edit' in placement) return this.#admit(path, placement.edit);
    this.#unchanged++;
    return undefined;
  }

  #admit(path: string, edit: PlacedEdit): NoPlace | undefined {
    const edits = this.#edits.get(path) ?? [];
    // Models repeat themselves; the same edit twice is one.
    if (edits.some((other) => isSame(other, edit))) return undefined;
    if (edits.some((other) => overlaps(other, edit))) {
      return { because: 'It overlaps an edit that stands before it.', requote: true };
    }
    this.#edits.set(path, [...edits, edit]);
    return undefined;
  }

  async #create(path: string, { readings }: EditBlock): Promise<string | undefined> {
    const reading = readings.find(({ search }) => search.every((line) => line.trim() === ''));
    if (await this.#context.facts.exists(path)) {
      return reading ? 'There is such a file already, and the model was not shown it.' : 'The model was not shown this file.';
    }
    if (!reading) return 'There is no such file.';
    if (path.endsWith('/')) return 'It names a folder, not a file.';
    const name = refusedName(path);
    if (name !== undefined) return name;
    const around = [...this.#created.keys()].find((other) => path.startsWith(`${other}/`));
    if (around !== undefined) return `The model made ${around} a file, so nothing can be inside it.`;
    const inside = [...this.#created.keys()].find((other) => other.startsWith(`${path}/`));
    if (inside !== undefined) return `The model made ${inside}, so this is a folder.`;
    if (hasMarker(reading.replacement.join('\n'), this.#context.usedMarkers))
      return 'It holds the placeholder of a secret that was hidden from the model.';
    const isMarkdown = /\.(?:md|markdown|mdx)$/iu.test(path);
    const text = isMarkdown ? reading.replacement.join('\n') : cleaned(`${reading.replacement.join('\n')}\n`, (line) => line);
    const whole = `${text.replace(/\n+$/u, '')}\n`;
    const made = this.#created.get(path);
    // Models repeat themselves, also where they are asked about another file.
    if (made !== undefined && made !== whole) return 'The model made this file twice.';
    this.#created.set(path, whole);
    return undefined;
  }
}

/** A person who reads the change does not see what stands in it. */
function hidingNotice({ file, before, after }: ProposedChange): string | undefined {
  const known = hiddenIn(before);
  const brought = [...hiddenIn(after)].filter((character) => !known.has(character));
  if (brought.length === 0) return undefined;
  return `The change of ${file} brings in characters that cannot be seen: ${brought.slice(0, 5).map(showHidden).join(' ')}.`;
}

/** The failed block of the same file that has the most lines in common with a block; undefined when none has any. */
function likest(path: string, { readings }: EditBlock, open: ReadonlySet<FailedBlock>): FailedBlock | undefined {
  const { search, replacement } = readings[0] ?? { search: [], replacement: [] };
  let best: { one: FailedBlock; shared: number } | undefined;
  for (const one of open) {
    if (one.shown.file !== path) continue;
    const shared = sharedLines(replacement, one.shown.replacement) + sharedLines(search, one.shown.search);
    if (shared > (best?.shared ?? 0)) best = { one, shared };
  }
  return best?.one;
}

function sharedLines(lines: readonly string[], text: string): number {
  const known = new Set(text.split('\n').map((line) => line.trim()));
  return lines.filter((line) => /[\p{L}\p{N}]/u.test(line) && known.has(line.trim())).length;
}

function isSame(a: PlacedEdit, b: PlacedEdit): boolean {
  return a.startLine === b.startLine && a.endLine === b.endLine && a.newText === b.newText;
}

/** Insertions at one place do not overlap; one inside replaced lines does. */
function overlaps(a: PlacedEdit, b: PlacedEdit): boolean {
  const [first, second] = a.startLine <= b.startLine ? [a, b] : [b, a];
  if (isInsertion(first) && isInsertion(second)) return false;
  if (isInsertion(first)) return first.startLine > second.startLine && first.startLine <= second.endLine;
  return second.startLine <= first.endLine && !(isInsertion(second) && second.startLine === first.startLine);
}

function isInsertion({ startLine, endLine }: PlacedEdit): boolean {
  return endLine < startLine;
}
