/**
 * Zero-concentrated differential privacy (rho), in which the noise of several figures adds up exactly, and what it means as (epsilon,
 * delta): Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020), proposition 7.
 */

/** How rho is written: so many parts of this, rounded down, so that the noise is never less than it says. */
export const RHO_PARTS = 10n ** 12n;

/** The least epsilon, at this delta, that `rho` means. */
export function epsilonOf(rho: number, delta: number): number {
  if (rho <= 0) return 0;
  let [low, high] = [0, rho + 2 * Math.sqrt(rho * Math.log(1 / delta))];
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (logDelta(rho, middle) <= Math.log(delta)) high = middle;
    else low = middle;
  }
  return high;
}

/** The most rho that (epsilon, delta) allows, in parts of `RHO_PARTS`. */
export function rhoPartsOf(epsilon: number, delta: number): bigint {
  let [low, high] = [0, epsilon + 1];
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (logDelta(middle, epsilon) <= Math.log(delta)) low = middle;
    else high = middle;
  }
  return BigInt(Math.floor(low * Number(RHO_PARTS)));
}

/** The logarithm of the least delta at which `rho` means `epsilon`: the bound is convex in alpha, so its least is where its slope is zero. */
function logDelta(rho: number, epsilon: number): number {
  if (rho === 0) return Number.NEGATIVE_INFINITY;
  let [low, high] = [1 + 1e-9, (epsilon + 1) / (2 * rho) + 2];
  for (let step = 0; step < 100; step += 1) {
    const alpha = (low + high) / 2;
    if ((2 * alpha - 1) * rho - epsilon + Math.log1p(-1 / alpha) < 0) low = alpha;
    else high = alpha;
  }
  const alpha = (low + high) / 2;
  return Math.min(0, (alpha - 1) * (alpha * rho - epsilon) + (alpha - 1) * Math.log(alpha - 1) - alpha * Math.log(alpha));
}
