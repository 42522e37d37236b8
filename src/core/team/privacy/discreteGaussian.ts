/**
 * Exact samples of the discrete Gaussian, with whole numbers alone: no rounding of a floating-point sampler tells anything. Algorithms
 * 1 to 3 of Canonne, Kamath and Steinke (2020).
 */

/** So many bytes that nobody can foretell. */
export type RandomBytes = (count: number) => Uint8Array;

/** A positive rational. */
export interface Ratio {
  over: bigint;
  under: bigint;
}

/** A sample whose probability is proportional to exp(-x² / 2σ²), of the variance parameter σ². */
export function discreteGaussian({ over, under }: Ratio, random: RandomBytes): bigint {
  const scale = squareRoot(over / under) + 1n;
  for (;;) {
    const sample = discreteLaplace(scale, random);
    // Kept with probability exp(-(|x| - σ²/t)² / 2σ²).
    const distance = (sample < 0n ? -sample : sample) * under * scale - over;
    if (happensWithExp({ over: distance * distance, under: 2n * over * under * scale * scale }, random)) return sample;
  }
}

/** A sample whose probability is proportional to exp(-|x| / t). */
export function discreteLaplace(scale: bigint, random: RandomBytes): bigint {
  for (;;) {
    const low = below(scale, random);
    if (!happensWithExp({ over: low, under: scale }, random)) continue;
    let high = 0n;
    while (happensWithExp({ over: 1n, under: 1n }, random)) high += 1n;
    const size = low + scale * high;
    const isNegative = below(2n, random) === 1n;
    // Zero would come up twice as often with a sign.
    if (isNegative && size === 0n) continue;
    return isNegative ? -size : size;
  }
}

/** True with probability exp(-γ). */
export function happensWithExp({ over, under }: Ratio, random: RandomBytes): boolean {
  for (let whole = over / under; whole > 0n; whole -= 1n) {
    if (!happensWithExpOfPart({ over: 1n, under: 1n }, random)) return false;
  }
  return happensWithExpOfPart({ over: over % under, under }, random);
}

/** The same for γ up to 1: the number of successes with probabilities γ, γ/2, γ/3 … before the first failure is even. */
function happensWithExpOfPart({ over, under }: Ratio, random: RandomBytes): boolean {
  let turn = 1n;
  while (below(under * turn, random) < over) turn += 1n;
  return turn % 2n === 1n;
}

/** A whole number from 0 to below `limit`, each as likely as any other. */
export function below(limit: bigint, random: RandomBytes): bigint {
  const bits = (limit - 1n).toString(2).length;
  const bytes = Math.ceil(bits / 8);
  for (;;) {
    let value = 0n;
    for (const byte of random(bytes)) value = (value << 8n) | BigInt(byte);
    value >>= BigInt(8 * bytes - bits);
    if (value < limit) return value;
  }
}

/** The largest whole number whose square is no more. */
function squareRoot(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (;;) {
    const next = (root + square / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}
