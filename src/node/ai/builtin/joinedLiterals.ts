/**
 * Literals that code puts together (`'abc' + 'def'`, one below the other in Python, with a dot in PHP, with a backslash at the line's
 * end), as the one text that they become: a secret is not less of one for being written in two parts.
 */
export interface JoinedText {
  text: string;
  /** The range of the original text that a range of the joined one stands for. */
  original(start: number, end: number): [start: number, end: number];
}

/** Between two literals of one kind: the closing quote, an operator or blanks, the opening quote. */
const JOINT = /(["'`])(?:\s{0,20}(?:\+|\.{1,2}|&|~|\\\r?\n)\s{0,200}|\s{1,200})\1/g;

/** Undefined where nothing is put together. */
export function joinedLiterals(text: string): JoinedText | undefined {
  const joints = [...text.matchAll(JOINT)].map(({ index, 0: joint }) => ({ at: index, length: joint.length }));
  if (joints.length === 0) return undefined;
  let joined = '';
  let from = 0;
  /** Where each piece begins, in the joined and in the original text. */
  const pieces = [{ joined: 0, original: 0 }];
  for (const { at, length } of joints) {
    joined += text.slice(from, at);
    from = at + length;
    pieces.push({ joined: joined.length, original: from });
  }
  const offset = (at: number): number => {
    const piece = pieces.findLast((one) => one.joined <= at) ?? { joined: 0, original: 0 };
    return piece.original + at - piece.joined;
  };
  return { text: joined + text.slice(from), original: (start, end) => [offset(start), offset(end - 1) + 1] };
}
