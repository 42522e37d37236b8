import type { Cart, Line } from './cart.ts';
import type { Gateway, Receipt } from './payments/gateway.ts';
import { redeem, type CardStore } from './payments/giftCards.ts';
import type { Stock } from './stock.ts';

export interface Order {
  customer: string;
  lines: readonly Line[];
  receipt: Receipt;
}

/** A gift card that a customer pays with. */
export interface CardPayment {
  store: CardStore;
  code: string;
  /** As `2026-12-31`. */
  today: string;
}

/** Reserves the stock, then charges what a gift card does not cover. Nothing stays reserved when either fails. */
export async function checkout(customer: string, cart: Cart, stock: Stock, gateway: Gateway, card?: CardPayment): Promise<Order> {
  const lines = reserveAll(cart.lines, stock);
  try {
    const paid = card === undefined ? 0 : await redeem(card.store, card.code, cart.total, card.today);
    const receipt = await gateway.charge(customer, cart.total - paid);
    return { customer, lines, receipt };
  } catch (error) {
    for (const { sku, quantity } of lines) stock.release(sku, quantity);
    throw error;
  }
}

function reserveAll(lines: readonly Line[], stock: Stock): readonly Line[] {
  const reserved: Line[] = [];
  for (const line of lines) {
    if (stock.reserve(line.sku, line.quantity)) {
      reserved.push(line);
      continue;
    }
    for (const { sku, quantity } of reserved) stock.release(sku, quantity);
    throw new Error(`Only ${stock.available(line.sku)} of ${line.sku} left.`);
  }
  return reserved;
}
