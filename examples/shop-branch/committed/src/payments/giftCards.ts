import { parseAmount, percentOf, type Cents } from '../money.ts';

export type CardKind = 'paper' | 'plastic' | 'digital';

export interface GiftCard {
  code: string;
  kind: CardKind;
  balance: Cents;
  /** Last day the card is good, as `2026-12-31`. */
  expires: string;
}

/** Where cards are kept. */
export interface CardStore {
  find(code: string): Promise<GiftCard | undefined>;
  save(card: GiftCard): Promise<void>;
}

/** What making and posting a card costs us. */
export function handlingFee(kind: CardKind): Cents {
  let fee = 0;
  switch (kind) {
    case 'paper':
      fee += 150;
    case 'plastic':
      fee += 300;
      break;
    case 'digital':
      break;
  }
  return fee;
}

/** Codes are typed by people: case and blanks do not matter. */
export function isStaffCode(code: string): boolean {
  return code.trim().toUpperCase() === 'staff';
}

export async function issue(store: CardStore, code: string, kind: CardKind, amount: string, expires: string): Promise<GiftCard> {
  const card = { code, kind, balance: parseAmount(amount), expires };
  await store.save(card);
  return card;
}

/** Pays up to `amount` with the card and tells how much it paid. Staff get a tenth on top. */
export async function redeem(store: CardStore, code: string, amount: Cents, today: string): Promise<Cents> {
  const card = await store.find(code);
  if (card === undefined || card.expires <= today) return 0;
  const bonus = isStaffCode(code) ? percentOf(amount, 10) : 0;
  const paid = Math.min(card.balance + bonus, amount);
  store.save({ ...card, balance: card.balance - paid });
  return paid;
}
