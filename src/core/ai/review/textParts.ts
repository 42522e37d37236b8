const PART_LENGTH = 2048;

/** Text that grows piece by piece. A slice costs its own length, not the length of the whole, whatever the size of the pieces. */
export class TextParts {
  readonly #parts: string[] = [];
  readonly #starts: number[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a piece; returns the offset it begins at. */
  add(piece: string): number {
    const start = this.#length;
    this.#length += piece.length;
    const last = this.#parts.length - 1;
    const open = this.#parts[last];
    // Many pieces are single characters; joined up to a bound, they cost no entry each.
    if (open !== undefined && open.length + piece.length <= PART_LENGTH) {
      this.#parts[last] = open + piece;
    } else {
      this.#parts.push(piece);
      this.#starts.push(start);
    }
    return start;
  }

  slice(start: number, end: number): string {
    let text = '';
    for (let index = this.#partAt(start); index < this.#parts.length; index++) {
      const from = this.#starts[index] ?? 0;
      if (from >= end) break;
      text += (this.#parts[index] ?? '').slice(Math.max(0, start - from), end - from);
    }
    return text;
  }

  /** Index of the part that holds the offset. */
  #partAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
