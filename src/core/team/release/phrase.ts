/** Bytes that are compared with others four at a time, which is quicker than one by one where they are long. */
export class Phrase {
  readonly length: number;
  readonly #view: DataView;

  /** The bytes are copied. */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#view = viewOf(Uint8Array.from(bytes));
  }

  /** Whether it stands at a place. */
  isAt(view: DataView, at: number): boolean {
    const { length } = this;
    if (at + length > view.byteLength) return false;
    const mine = this.#view;
    let index = 0;
    for (; index + 4 <= length; index += 4) if (view.getUint32(at + index, true) !== mine.getUint32(index, true)) return false;
    for (; index < length; index += 1) if (view.getUint8(at + index) !== mine.getUint8(index)) return false;
    return true;
  }
}

/** How many bytes decide where a phrase is looked for. Shorter ones are not remembered. */
const HASHED = 52;
const SLOTS = 4096;
const MOST = 1024;

/** Phrases with a number each, found by what stands at a place. It remembers a thousand and no more, whatever it is given. */
export class PhraseMemo {
  readonly #slots: ({ phrase: Phrase; number: number } | undefined)[] = Array.from({ length: SLOTS });
  #size = 0;
  /** Number of the phrase found last. */
  number = -1;

  /** The length of the phrase that stands at a place, or 0 where none that is remembered does. */
  find(view: DataView, at: number): number {
    if (at + HASHED > view.byteLength) return 0;
    let slot = slotOf(view, at);
    for (let known = this.#slots[slot]; known !== undefined; known = this.#slots[slot]) {
      if (known.phrase.isAt(view, at)) {
        this.number = known.number;
        return known.phrase.length;
      }
      slot = (slot + 1) % SLOTS;
    }
    return 0;
  }

  remember(bytes: Uint8Array, number: number): void {
    if (bytes.length < HASHED || this.#size === MOST) return;
    let slot = slotOf(viewOf(bytes), 0);
    while (this.#slots[slot] !== undefined) slot = (slot + 1) % SLOTS;
    this.#slots[slot] = { phrase: new Phrase(bytes), number };
    this.#size += 1;
  }
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** The first words are the same in all. */
function slotOf(view: DataView, at: number): number {
  let hash = 0;
  for (let index = 12; index < HASHED; index += 4) hash = Math.imul(hash ^ view.getUint32(at + index, true), 0x9e37_79b1);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}
