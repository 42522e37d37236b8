import { Environment } from '@marcbachmann/cel-js';
import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';
import type { Clock } from '../ports.ts';
import { closest } from '../yaml/grammarProblems.ts';
import { childrenOf, comprehensionOf, costOf } from './expressionCost.ts';
import { EXPRESSION_FUNCTIONS, EXPRESSION_MEMBERS, EXPRESSION_METHODS, EXPRESSION_NAMES } from './expressionNames.ts';
import { compileGlobs, globCache, globProblem } from './globs.ts';

/**
 * `when` and `vars`: CEL over the change of a branch. Everything an expression can do is listed here; nothing reads a file, a clock or
 * the network. An expression cannot hang: it has at most 500 nodes, loops nest at most twice, their total work is bounded before
 * it starts ({@link costOf}), regular expressions are refused and globs match in bounded time.
 */

/** What expressions are evaluated over. */
export interface ExpressionFacts {
  /** Empty on a detached head. */
  branch: string;
  base: string;
  /** Paths changed since the merge base: added, modified, deleted. */
  changes: readonly string[];
  added: readonly string[];
  deleted: readonly string[];
  lines: { added: number; deleted: number };
  labels: readonly string[];
  ci: boolean;
}

export interface WhenResult {
  applies: boolean;
  /** Changed paths that made it apply; empty when it rests on other facts. */
  matched: string[];
  /** Why the expression could not be evaluated; the step then applies. */
  error?: string;
}

/** Something wrong inside an expression; `start` and `end` count in its text. */
export interface ExpressionProblem {
  start: number;
  end: number;
  message: string;
  hint?: string;
  /** What to write there instead, where that is likely. */
  meant?: string;
}

const MAX_NODES = 500;
const MAX_LOOP_DEPTH = 2;
/** Node visits of one evaluation: about 50 ms. */
const MAX_COST = 1_000_000;
/** Milliseconds one evaluation may take where a clock is given. */
const MAX_TIME = 50;

const FUNCTIONS: readonly string[] = Object.keys(EXPRESSION_FUNCTIONS);
const METHODS: readonly string[] = Object.keys(EXPRESSION_METHODS);
const NAMES: readonly string[] = Object.keys(EXPRESSION_NAMES);
const PATH_LISTS: ReadonlySet<string> = new Set(['changes', 'added', 'deleted']);

/** The environment without `vars`. `glob` gets its cache here, so that one evaluation compiles each pattern once. */
function baseEnvironment(glob: (path: string, pattern: string) => boolean): Environment {
  return (
    new Environment({ limits: { maxAstNodes: MAX_NODES, maxDepth: 50 } })
      .registerVariable('branch', 'string')
      .registerVariable('base', 'string')
      .registerVariable('changes', 'list<string>')
      .registerVariable('added', 'list<string>')
      .registerVariable('deleted', 'list<string>')
      .registerVariable('labels', 'list<string>')
      .registerVariable({ name: 'lines', schema: { added: 'int', deleted: 'int' } })
      .registerVariable({ name: 'env', schema: { CI: 'bool' } })
      .registerFunction('glob(string, string): bool', glob)
      // Environment variables are text elsewhere, so people write env.CI == "true".
      .registerOperator('bool == string', (left: boolean, right: string) => String(left) === right)
  );
}

function withVars(base: Environment, types: Readonly<Record<string, string>>): Environment {
  return base.clone().registerVariable({ name: 'vars', schema: { ...types } });
}

/** A parsed and type-checked set of `vars`, ready to check or evaluate conditions. Conditions are parsed on first use and kept. */
export interface Expressions {
  /** Problems of `vars`, by name. */
  readonly problems: ReadonlyMap<string, ExpressionProblem>;
  /** What is wrong with a condition of a step, or undefined. */
  check(condition: string): ExpressionProblem | undefined;
  /** True or false when the condition is so on every branch among `branches` (globs), whatever changed; undefined when it depends. */
  constant(condition: string, branches?: readonly string[]): boolean | undefined;
  evaluator(facts: ExpressionFacts, clock?: Clock): ExpressionEvaluator;
}

export interface ExpressionEvaluator {
  when(condition: string): WhenResult;
  /** What an expression of any type gives, as plain data (numbers may be `bigint`), and the changed paths behind it. */
  value(expression: string): { value?: unknown; matched: string[]; error?: string };
}

export function compileExpressions(vars: Readonly<Record<string, string>>): Expressions {
  return new CompiledExpressions(vars);
}

interface Compiled {
  run: ParseResult;
  ast: ASTNode;
  type: string;
}

class CompiledExpressions implements Expressions {
  readonly problems = new Map<string, ExpressionProblem>();
  readonly #glob = globCache();
  readonly #base = baseEnvironment((path, pattern) => this.#glob(path, pattern));
  readonly #vars = new Map<string, Compiled>();
  readonly #environment: Environment;
  readonly #conditions = new Map<string, Compiled | ExpressionProblem>();
  readonly #names: readonly string[];

  constructor(vars: Readonly<Record<string, string>>) {
    this.#names = Object.keys(vars);
    const { order, problems } = dependencyOrder(vars, this.#base);
    for (const [name, problem] of problems) this.problems.set(name, problem);
    const types: Record<string, string> = Object.fromEntries([...problems.keys()].map((name) => [name, 'dyn']));
    let environment = withVars(this.#base, types);
    for (const name of order) {
      const compiled = this.#compile(vars[name] ?? '', environment);
      if ('message' in compiled) this.problems.set(name, compiled);
      else this.#vars.set(name, compiled);
      // A variable with a problem is reported once, at its definition: its uses may be of any type.
      types[name] = 'message' in compiled ? 'dyn' : compiled.type;
      environment = withVars(this.#base, types);
    }
    this.#environment = environment;
  }

  check(condition: string): ExpressionProblem | undefined {
    const compiled = this.#condition(condition);
    return 'message' in compiled ? compiled : undefined;
  }

  constant(condition: string, branches?: readonly string[]): boolean | undefined {
    const compiled = this.#condition(condition);
    if ('message' in compiled) return undefined;
    const couldBe = branches && compileGlobs(branches);
    const fold = (node: ASTNode): boolean | undefined => foldNode(node, (name) => this.#vars.get(name)?.ast, couldBe, fold);
    return fold(compiled.ast);
  }

  evaluator(facts: ExpressionFacts, clock?: Clock): ExpressionEvaluator {
    return new Evaluator(facts, clock, {
      condition: (text) => this.#condition(text),
      expression: (text) => this.#compile(text, this.#environment),
      variable: (name) => this.#vars.get(name),
      parse: (text) => this.#environment.parse(text),
    });
  }

  #condition(text: string): Compiled | ExpressionProblem {
    let compiled = this.#conditions.get(text);
    if (compiled) return compiled;
    compiled = this.#compile(text, this.#environment);
    if (!('message' in compiled) && compiled.type !== 'bool' && compiled.type !== 'dyn') {
      const message = `The condition gives ${typeWord(compiled.type)}, not true or false.`;
      compiled = { start: 0, end: text.length, message, hint: 'Compare it with something, for example with == or <.' };
    }
    this.#conditions.set(text, compiled);
    return compiled;
  }

  #compile(text: string, environment: Environment): Compiled | ExpressionProblem {
    let run: ParseResult;
    try {
      run = environment.parse(text);
    } catch (error) {
      return describe(error, text, this.#names);
    }
    const refused = refusal(run.ast, 0);
    if (refused) return refused;
    try {
      const checked = run.check();
      if (!checked.valid) return describe(checked.error, text, this.#names);
      return { run, ast: run.ast, type: checked.type ?? 'dyn' };
    } catch (error) {
      return describe(error, text, this.#names);
    }
  }
}

interface Sources {
  condition(text: string): Compiled | ExpressionProblem;
  expression(text: string): Compiled | ExpressionProblem;
  variable(name: string): Compiled | undefined;
  parse(text: string): ParseResult;
}

/** Evaluates conditions over one set of facts; each variable once. */
class Evaluator implements ExpressionEvaluator {
  readonly #context: Record<string, unknown>;
  readonly #vars: Record<string, unknown> = {};
  readonly #sizes: Record<string, number>;
  readonly #failed = new Map<string, string>();
  readonly #clock: Clock | undefined;
  readonly #sources: Sources;
  readonly #changes: ReadonlySet<string>;

  constructor(facts: ExpressionFacts, clock: Clock | undefined, sources: Sources) {
    const { branch, base, changes, added, deleted, labels } = facts;
    const lines = { added: BigInt(Math.trunc(facts.lines.added)), deleted: BigInt(Math.trunc(facts.lines.deleted)) };
    this.#context = { branch, base, changes, added, deleted, labels, lines, env: { CI: facts.ci }, vars: this.#vars };
    this.#sizes = { changes: changes.length, added: added.length, deleted: deleted.length, labels: labels.length };
    this.#changes = new Set(changes);
    this.#clock = clock;
    this.#sources = sources;
  }

  when(condition: string): WhenResult {
    const compiled = this.#sources.condition(condition);
    if ('message' in compiled) return { applies: true, matched: [], error: compiled.message };
    try {
      const value = this.#value(compiled);
      if (typeof value !== 'boolean') return { applies: true, matched: [], error: 'The condition did not give true or false.' };
      return { applies: value, matched: value ? this.#matched(compiled) : [] };
    } catch (error) {
      return { applies: true, matched: [], error: evaluationMessage(error) };
    }
  }

  value(expression: string): { value?: unknown; matched: string[]; error?: string } {
    const compiled = this.#sources.expression(expression);
    if ('message' in compiled) return { matched: [], error: compiled.message };
    try {
      const value = this.#value(compiled);
      return { value, matched: value === false ? [] : this.#matched(compiled) };
    } catch (error) {
      return { matched: [], error: evaluationMessage(error) };
    }
  }

  /** Evaluates within the limits, its variables first. */
  #value(compiled: Compiled): unknown {
    for (const name of varsIn(compiled.ast)) this.#ensureVar(name);
    if (costOf(compiled.ast, this.#sizes) > MAX_COST) {
      throw new LimitError('The condition would loop over too many changed files.');
    }
    const started = this.#clock?.now();
    const value: unknown = compiled.run(this.#context);
    if (started !== undefined && this.#clock && this.#clock.now() - started > MAX_TIME) {
      throw new LimitError(`The condition took longer than ${MAX_TIME} ms.`);
    }
    return value;
  }

  #ensureVar(name: string): void {
    const failed = this.#failed.get(name);
    if (failed !== undefined) throw new LimitError(failed);
    if (Object.hasOwn(this.#vars, name)) return;
    const compiled = this.#sources.variable(name);
    if (!compiled) throw new LimitError(`The variable vars.${name} is not usable.`);
    try {
      const value = this.#value(compiled);
      this.#vars[name] = value;
      if (Array.isArray(value)) this.#sizes[`vars.${name}`] = value.length;
    } catch (error) {
      const message = `vars.${name}: ${evaluationMessage(error)}`;
      this.#failed.set(name, message);
      throw new LimitError(message);
    }
  }

  /**
   * The changed paths behind a true condition: every loop over changed paths is asked again as a filter. `exists` alone would name only
   * the first path, and nothing for conditions such as "some path outside docs".
   */
  #matched(compiled: Compiled): string[] {
    const matched = new Set<string>();
    const seen = new Set<string>();
    const visit = (node: ASTNode): void => {
      const loop = comprehensionOf(node);
      if (loop && isPathList(loop.receiver) && (loop.name === 'exists' || loop.name === 'filter' || loop.name === 'exists_one')) {
        for (const path of this.#filtered(loop.receiver, loop.variable, loop.bodies[0])) matched.add(path);
        return;
      }
      const name = varName(node);
      const variable = name === undefined || seen.has(name) ? undefined : this.#sources.variable(name);
      if (name !== undefined && variable) {
        seen.add(name);
        // A false variable, as in !vars.docsOnly, did not make anything apply by its paths.
        if (this.#vars[name] !== false) visit(variable.ast);
      }
      if (node.op === 'call' && node.args[0] === 'glob') return;
      if (node.op === 'in') this.#literalIn(node, matched);
      for (const child of childrenOf(node)) visit(child);
    };
    visit(compiled.ast);
    return [...matched].sort();
  }

  #filtered(receiver: ASTNode, variable: string, body: ASTNode | undefined): string[] {
    if (!body) return [];
    try {
      const source = (node: ASTNode) => node.input.slice(node.start, node.end);
      const run = this.#sources.parse(`${source(receiver)}.filter(${variable}, ${source(body)})`);
      const value: unknown = run(this.#context);
      return Array.isArray(value) ? value.filter((path): path is string => typeof path === 'string') : [];
    } catch {
      // `exists` forgives elements that fail and `filter` does not; the condition holds all the same, only the explanation is shorter.
      return [];
    }
  }

  #literalIn(node: ASTNode, matched: Set<string>): void {
    const [left, right] = childrenOf(node);
    if (left?.op !== 'value' || typeof left.args !== 'string' || !right || !isPathList(right)) return;
    if (this.#changes.has(left.args)) matched.add(left.args);
  }
}

function isPathList(node: ASTNode): boolean {
  if (node.op === 'id') return PATH_LISTS.has(node.args);
  const loop = comprehensionOf(node);
  return loop?.name === 'filter' && isPathList(loop.receiver);
}

class LimitError extends Error {}

function evaluationMessage(error: unknown): string {
  if (error instanceof LimitError) return error.message;
  return sentence(summaryOf(error) ?? 'the condition could not be evaluated');
}

/** What a condition may not use, wherever it stands. */
function refusal(node: ASTNode, loops: number): ExpressionProblem | undefined {
  const problem = (message: string, hint?: string): ExpressionProblem => ({
    start: node.start,
    end: node.end,
    message,
    ...(hint && { hint }),
  });
  let depth = loops;
  if (node.op === 'call' || node.op === 'rcall') {
    const name = node.args[0];
    const known = node.op === 'call' ? FUNCTIONS : METHODS;
    if (name === 'matches') return problem('matches is not allowed: a regular expression can hang.', 'Use glob(path, pattern).');
    if (!known.includes(name)) {
      const meant = closest(name, known);
      const from = node.op === 'rcall' ? node.args[1].end : node.start;
      const whole = node.input.slice(node.start, from) + node.input.slice(from, node.end).replace(name, meant ?? name);
      const hint = meant ? `Did you mean ${meant}?` : `Known: ${known.join(', ')}.`;
      return { ...problem(`There is no function ${name} here.`, hint), ...(meant !== undefined && { meant: whole }) };
    }
    if (node.op === 'rcall' && comprehensionOf(node) && ++depth > MAX_LOOP_DEPTH) {
      return problem('Loops are nested more than twice.', 'Split the expression with vars.');
    }
    if (node.op === 'call' && name === 'glob') {
      const pattern = node.args[1][1];
      const bad = pattern?.op === 'value' && typeof pattern.args === 'string' ? globProblem(pattern.args) : undefined;
      if (pattern && bad) return { start: pattern.start, end: pattern.end, message: `The glob ${bad}.`, hint: 'Mend the pattern.' };
    }
  }
  for (const child of childrenOf(node)) {
    const found = refusal(child, depth);
    if (found) return found;
  }
  return undefined;
}

function summaryOf(error: unknown): string | undefined {
  return error instanceof Error && 'summary' in error && typeof error.summary === 'string' ? error.summary : undefined;
}

function describe(error: unknown, text: string, vars: readonly string[]): ExpressionProblem {
  const range = error instanceof Error && 'range' in error ? (error.range as { start: number; end: number } | undefined) : undefined;
  const start = Math.min(range?.start ?? 0, text.length);
  const end = Math.min(Math.max(range?.end ?? text.length, start), text.length);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const word = text.slice(start, end);
  const summary = summaryOf(error);
  if (code === 'unknown_variable') {
    const meant = closest(word, NAMES);
    const hint = meant ? `Did you mean ${meant}?` : `Known names: ${NAMES.join(', ')}.`;
    return { start, end, message: `Unknown name ${word}.`, hint, ...(meant !== undefined && { meant }) };
  }
  if (code === 'no_such_key') {
    const owner = /(\w+)\s*\.\s*$/.exec(text.slice(0, start))?.[1];
    const known = owner === 'vars' ? vars : Object.keys(EXPRESSION_MEMBERS[owner ?? ''] ?? {});
    const meant = closest(word, known);
    const hint = meant ? `Did you mean ${meant}?` : known.length > 0 ? `Known: ${known.join(', ')}.` : 'Define it under vars first.';
    return { start, end, message: `There is no ${owner ? `${owner}.` : ''}${word}.`, hint, ...(meant !== undefined && { meant }) };
  }
  if (summary?.startsWith('Exceeded max')) {
    return { start: 0, end: text.length, message: 'The expression is too large.', hint: 'Split it with vars.' };
  }
  if (summary === undefined)
    return { start: 0, end: text.length, message: 'The expression cannot be read.', hint: 'Check it against CEL.' };
  const hint = start >= text.length ? 'The expression ends too early.' : 'Check the types and the spelling at this place.';
  return { start, end, message: sentence(summary), hint };
}

function sentence(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return `${flat.charAt(0).toUpperCase()}${flat.slice(1)}.`;
}

function typeWord(type: string): string {
  if (type === 'string') return 'text';
  if (type === 'int' || type === 'uint' || type === 'double') return 'a number';
  return type.startsWith('list') ? 'a list' : `a value of type ${type}`;
}

/** The name in `vars.name` or `vars["name"]`. */
function varName(node: ASTNode): string | undefined {
  if (node.op === '.' && node.args[0].op === 'id' && node.args[0].args === 'vars') return node.args[1];
  if (node.op === '[]' && node.args[0].op === 'id' && node.args[0].args === 'vars') {
    const key = node.args[1];
    return key.op === 'value' && typeof key.args === 'string' ? key.args : undefined;
  }
  return undefined;
}

function varsIn(node: ASTNode): Set<string> {
  const names = new Set<string>();
  const visit = (current: ASTNode): void => {
    const name = varName(current);
    if (name !== undefined) names.add(name);
    for (const child of childrenOf(current)) visit(child);
  };
  visit(node);
  return names;
}

/** Variables in an order in which each comes after those it uses; those on a cycle are reported instead. */
function dependencyOrder(
  vars: Readonly<Record<string, string>>,
  environment: Environment,
): { order: string[]; problems: Map<string, ExpressionProblem> } {
  const uses = new Map<string, Set<string>>();
  for (const [name, text] of Object.entries(vars)) {
    try {
      uses.set(name, varsIn(environment.parse(text).ast));
    } catch {
      // Reported when it is compiled, in its turn.
      uses.set(name, new Set());
    }
  }
  const order: string[] = [];
  const problems = new Map<string, ExpressionProblem>();
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (state.get(name) === 'done' || !uses.has(name)) return;
    if (state.get(name) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(name)), name];
      const message = `vars refer to each other in a circle: ${cycle.join(' → ')}.`;
      if (!problems.has(name)) problems.set(name, { start: 0, end: (vars[name] ?? '').length, message, hint: 'Break the circle.' });
      return;
    }
    state.set(name, 'open');
    for (const used of uses.get(name) ?? []) visit(used, [...trail, name]);
    state.set(name, 'done');
    if (!problems.has(name)) order.push(name);
  };
  for (const name of uses.keys()) visit(name, []);
  return { order, problems };
}

/** Three-valued logic: what a condition is without knowing the change. */
function foldNode(
  node: ASTNode,
  variable: (name: string) => ASTNode | undefined,
  couldBeBranch: ((branch: string) => boolean) | undefined,
  fold: (node: ASTNode) => boolean | undefined,
): boolean | undefined {
  const name = varName(node);
  if (name !== undefined) {
    const ast = variable(name);
    return ast && fold(ast);
  }
  switch (node.op) {
    case 'value':
      return typeof node.args === 'boolean' ? node.args : undefined;
    case '!_': {
      const value = fold(node.args);
      return value === undefined ? undefined : !value;
    }
    case '&&': {
      const [left, right] = [fold(node.args[0]), fold(node.args[1])];
      return left === false || right === false ? false : left === true && right === true ? true : undefined;
    }
    case '||': {
      const [left, right] = [fold(node.args[0]), fold(node.args[1])];
      return left === true || right === true ? true : left === false && right === false ? false : undefined;
    }
    case '?:': {
      const chosen = fold(node.args[0]);
      if (chosen !== undefined) return fold(node.args[chosen ? 1 : 2]);
      const [left, right] = [fold(node.args[1]), fold(node.args[2])];
      return left === right ? left : undefined;
    }
    case '==':
      return branchCannotBe(node.args, couldBeBranch) ? false : literalComparison(node);
    case '!=':
      return branchCannotBe(node.args, couldBeBranch) ? true : literalComparison(node);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return neverNegative(node) ? false : literalComparison(node);
    default:
      return undefined;
  }
}

function branchCannotBe(operands: readonly ASTNode[], couldBeBranch: ((branch: string) => boolean) | undefined): boolean {
  const literal = operands.find((operand) => operand.op === 'value' && typeof operand.args === 'string');
  const isBranch = operands.some((operand) => operand.op === 'id' && operand.args === 'branch');
  return couldBeBranch !== undefined && isBranch && typeof literal?.args === 'string' && !couldBeBranch(literal.args);
}

function literalComparison(node: ASTNode): boolean | undefined {
  const [left, right] = childrenOf(node);
  if (left?.op !== 'value' || right?.op !== 'value' || typeof left.args !== typeof right.args) return undefined;
  const [a, b] = [left.args as bigint, right.args as bigint];
  switch (node.op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return undefined;
  }
}

/** `lines.added < 0` or `size(changes) < 0`: a count is never below zero. */
function neverNegative(node: ASTNode): boolean {
  const [left, right] = childrenOf(node);
  if (!left || !right || node.op !== '<') return false;
  const isCount =
    (left.op === '.' && left.args[0].op === 'id' && left.args[0].args === 'lines') ||
    ((left.op === 'call' || left.op === 'rcall') && left.args[0] === 'size');
  return isCount && right.op === 'value' && (right.args === 0n || right.args === 0);
}
