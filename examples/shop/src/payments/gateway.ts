import type { Cents } from '../money.ts';

export interface Receipt {
  reference: string;
  amount: Cents;
}

/** Whoever takes the money. */
export interface Gateway {
  charge(customer: string, amount: Cents): Promise<Receipt>;
}

/** Charges nobody and remembers it, for tests and demonstrations. */
export class PracticeGateway implements Gateway {
  readonly charges: { customer: string; amount: Cents }[] = [];

  async charge(customer: string, amount: Cents): Promise<Receipt> {
    await Promise.resolve();
    this.charges.push({ customer, amount });
    return { reference: `practice-${this.charges.length}`, amount };
  }
}
