/** Pieces on the shelf, by article. */
export class Stock {
  #pieces: Map<string, number>;

  constructor(pieces: Record<string, number>) {
    this.#pieces = new Map(Object.entries(pieces));
  }

  available(sku: string): number {
    return this.#pieces.get(sku) ?? 0;
  }

  /** Takes pieces off the shelf; takes none and says so when there are not enough. */
  reserve(sku: string, quantity: number): boolean {
    const left = this.available(sku) - quantity;
    if (left < 0) return false;
    this.#pieces.set(sku, left);
    return true;
  }

  release(sku: string, quantity: number): void {
    this.#pieces.set(sku, this.available(sku) + quantity);
  }
}
