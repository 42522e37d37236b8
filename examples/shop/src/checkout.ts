import type { Cart, Line } from './cart.ts';
import type { Gateway, Receipt } from './payments/gateway.ts';
import type { Stock } from './stock.ts';

export interface Order {
  customer: string;
  lines: readonly Line[];
  receipt: Receipt;
}

/** Reserves the stock, then charges the customer. Nothing stays reserved when either fails. */
export async function checkout(customer: string, cart: Cart, stock: Stock, gateway: Gateway): Promise<Order> {
  const lines = reserveAll(cart.lines, stock);
  try {
    const receipt = await gateway.charge(customer, cart.total);
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
