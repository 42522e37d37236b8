import { remembered, type RememberedAnswer, type ReviewCache, type SaidFinding } from './cache.ts';
import { rootOf, type Piece } from './pieces.ts';

/** What a model said in one whole answer. */
export interface WholeAnswer {
  pieces: readonly Piece[];
  findings: readonly SaidFinding[];
  /** Digest of the prompt. */
  prompt: string;
  /** Fingerprints of dismissals that went along, by file. */
  told(path: string): string[];
}

/** Gathers answers piece by piece; a piece that had to be cut is remembered once all of its parts were answered. */
export class Remembering {
  readonly #cache: ReviewCache;
  readonly #keys: ReadonlyMap<Piece, string>;
  readonly #open = new Map<Piece, { rows: number; answer: RememberedAnswer }>();

  /** `keys` by uncut piece. */
  constructor(cache: ReviewCache, keys: ReadonlyMap<Piece, string>) {
    this.#cache = cache;
    this.#keys = keys;
  }

  async add({ pieces, findings, prompt, told }: WholeAnswer): Promise<void> {
    const done = new Map<string, RememberedAnswer>();
    for (const piece of pieces) {
      const root = rootOf(piece);
      const before = this.#open.get(root) ?? { rows: 0, answer: { prompts: [], told: [], findings: [] } };
      const own = findings.filter((finding) => finding.piece === piece).map((finding) => remembered(finding, root));
      const open = {
        rows: before.rows + piece.rows.length,
        answer: {
          prompts: [...new Set([...before.answer.prompts, prompt])],
          told: [...new Set([...before.answer.told, ...told(piece.path)])],
          findings: [...before.answer.findings, ...own],
        },
      };
      this.#open.set(root, open);
      const key = this.#keys.get(root);
      if (key !== undefined && open.rows === root.rows.length) done.set(key, open.answer);
    }
    if (done.size > 0) await this.#cache.write(done);
  }
}
