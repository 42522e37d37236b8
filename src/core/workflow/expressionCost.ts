import type { ASTNode } from '@marcbachmann/cel-js';

/**
 * An upper bound of the work an expression can do, known before it runs. CEL has no unbounded loop: the only loops are comprehensions
 * over lists, so node visits are bounded by the product of the sizes of the nested lists. Refusing by this number instead of by a clock
 * makes the answer the same on every machine.
 */

/** Lengths of the lists an expression starts from, by name: `changes`, `added`, `deleted`, `labels`, and `vars.x` for variables. */
export type ListSizes = Readonly<Record<string, number>>;

export const COMPREHENSIONS: ReadonlySet<string> = new Set(['exists', 'all', 'exists_one', 'filter', 'map']);

/** A failure inside `exists` or `all` is caught for every element and costs about this many plain visits (33 µs against 50 ns, measured). */
const FAILURE_COST = 600;
const MAY_FAIL_CALLS: ReadonlySet<string> = new Set(['int', 'double', 'bool', 'substring', 'indexOf', 'lastIndexOf', 'split', 'join']);
const MAY_FAIL_OPERATORS: ReadonlySet<string> = new Set(['/', '%', '*', '+', '-', '-_', '[]']);
/** Parts a text may be split into: paths are at most 4,096 bytes. */
const SPLIT_PARTS = 4096;

/** Node visits at most; 20 million a second is a safe guess of what a slow machine does. */
export function costOf(node: ASTNode, sizes: ListSizes, loops: Readonly<Record<string, number>> = {}): number {
  const comprehension = comprehensionOf(node);
  if (comprehension) {
    const { receiver, variable, bodies } = comprehension;
    const length = lengthOf(receiver, sizes, loops);
    // The variable of a loop is a list only when its elements are, which are then no longer than the longest known list.
    const inner = { ...loops, [variable]: holdsText(receiver) ? 1 : longest(sizes) };
    const body = bodies.reduce((sum, part) => sum + costOf(part, sizes, inner), 1);
    return costOf(receiver, sizes, loops) + length * body + 1;
  }
  const own = mayFail(node) ? FAILURE_COST : 1;
  // Membership and equality of lists compare element by element.
  const scan = node.op === 'in' || node.op === '==' || node.op === '!=' ? scanCost(node, sizes, loops) : 0;
  return childrenOf(node).reduce((sum, child) => sum + costOf(child, sizes, loops), own + scan);
}

/** Whether a list is known to hold text, so that comparing its elements compares no lists. */
function holdsText(list: ASTNode): boolean {
  if (list.op === 'id') return LISTS_OF_TEXT.has(list.args);
  if (list.op === 'rcall' && list.args[0] === 'split') return true;
  const comprehension = comprehensionOf(list);
  return comprehension?.name === 'filter' && holdsText(comprehension.receiver);
}

const LISTS_OF_TEXT: ReadonlySet<string> = new Set(['changes', 'added', 'deleted', 'labels']);

function mayFail(node: ASTNode): boolean {
  if (MAY_FAIL_OPERATORS.has(node.op)) return true;
  return (node.op === 'call' || node.op === 'rcall') && MAY_FAIL_CALLS.has(node.args[0]);
}

function scanCost(node: ASTNode, sizes: ListSizes, loops: Readonly<Record<string, number>>): number {
  return Math.max(0, ...childrenOf(node).map((child) => (couldBeList(child) ? lengthOf(child, sizes, loops) : 0)));
}

function couldBeList(node: ASTNode): boolean {
  return node.op !== 'value' && node.op !== 'map';
}

function lengthOf(node: ASTNode, sizes: ListSizes, loops: Readonly<Record<string, number>>): number {
  const name = nameOf(node);
  if (name !== undefined) return loops[name] ?? sizes[name] ?? (node.op === 'id' ? 1 : longest(sizes));
  if (node.op === 'list' || node.op === 'map') return node.args.length;
  const comprehension = comprehensionOf(node);
  if (comprehension) return lengthOf(comprehension.receiver, sizes, loops);
  if (node.op === 'rcall' && node.args[0] === 'split') return SPLIT_PARTS;
  if (node.op === '+') return lengthOf(node.args[0], sizes, loops) + lengthOf(node.args[1], sizes, loops);
  if (node.op === '?:') return Math.max(lengthOf(node.args[1], sizes, loops), lengthOf(node.args[2], sizes, loops));
  return longest(sizes);
}

function longest(sizes: ListSizes): number {
  return Math.max(1, ...Object.values(sizes));
}

/** `changes` or `vars.x`. */
function nameOf(node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args;
  if (node.op === '.' && node.args[0].op === 'id') return `${node.args[0].args}.${node.args[1]}`;
  return undefined;
}

export interface Comprehension {
  name: string;
  receiver: ASTNode;
  variable: string;
  bodies: ASTNode[];
}

/** A loop such as `list.exists(name, condition)`, or undefined when the node is something else. */
export function comprehensionOf(node: ASTNode): Comprehension | undefined {
  if (node.op !== 'rcall' || !COMPREHENSIONS.has(node.args[0])) return undefined;
  const [name, receiver, args] = node.args;
  const [variable, ...bodies] = args;
  return variable?.op === 'id' ? { name, receiver, variable: variable.args, bodies } : undefined;
}

/** Operands of a node, in order. */
export function childrenOf(node: ASTNode): ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return [...node.args];
  }
}
