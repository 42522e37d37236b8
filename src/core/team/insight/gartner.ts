/**
 * What Gartner said of how many enterprise software engineers use AI code assistants, as something to compare with: two statements, each
 * of a share "less than" at the beginning and one expected by 2028. In between, the logistic curve through both points is ours.
 */
export interface AdoptionStatement {
  readonly name: string;
  readonly from: { readonly time: number; readonly share: number };
  readonly to: { readonly time: number; readonly share: number };
}

export const GARTNER: readonly AdoptionStatement[] = [
  {
    name: 'Gartner 2024: below 10 % early 2023, 75 % by 2028',
    from: { time: Date.UTC(2023, 0, 1), share: 0.1 },
    to: { time: Date.UTC(2028, 0, 1), share: 0.75 },
  },
  {
    name: 'Gartner 2025: below 14 % early 2024, 90 % by 2028',
    from: { time: Date.UTC(2024, 0, 1), share: 0.14 },
    to: { time: Date.UTC(2028, 0, 1), share: 0.9 },
  },
];

/** The share that a statement has at a time (milliseconds since the Unix epoch), 0 to 1. */
export function statedShare({ from, to }: AdoptionStatement, time: number): number {
  const logit = (share: number): number => Math.log(share / (1 - share));
  const slope = (logit(to.share) - logit(from.share)) / (to.time - from.time);
  return 1 / (1 + Math.exp(-(logit(from.share) + slope * (time - from.time))));
}
