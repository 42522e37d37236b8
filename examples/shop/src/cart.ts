import { percentOf, type Cents } from './money.ts';

export interface Line {
  sku: string;
  quantity: number;
  unitPrice: Cents;
}

/** What a customer is about to buy. */
export class Cart {
  #lines = new Map<string, Line>();
  #discountPercent = 0;

  get lines(): readonly Line[] {
    return [...this.#lines.values()];
  }

  add(sku: string, unitPrice: Cents, quantity = 1): void {
    if (!Number.isInteger(quantity) || quantity < 1) throw new RangeError('A quantity is a whole number from 1.');
    const line = this.#lines.get(sku);
    this.#lines.set(sku, { sku, unitPrice, quantity: (line?.quantity ?? 0) + quantity });
  }

  remove(sku: string): void {
    this.#lines.delete(sku);
  }

  /** One discount at a time; a later one replaces the earlier. */
  discount(percent: number): void {
    if (percent < 0 || percent > 100) throw new RangeError('A discount is between 0 and 100 percent.');
    this.#discountPercent = percent;
  }

  get total(): Cents {
    const sum = this.lines.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0);
    return sum - percentOf(sum, this.#discountPercent);
  }
}
