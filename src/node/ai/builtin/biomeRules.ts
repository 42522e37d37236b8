import type { Severity } from '../../../core/ai/finding.ts';

/** How loud Biome's rules are, and in what words. */

interface RuleWords {
  severity?: Severity;
  /** Instead of Biome's own words, where they say too little or sound like a rule book. */
  title?: string;
  why?: string;
}

const RULES: Record<string, RuleWords> = {
  noAssignInExpressions: {
    title: 'The condition assigns instead of comparing.',
    why: 'Probably == or === was meant. Where it was not, a second pair of parentheses says so.',
    severity: 'high',
  },
  noAsyncPromiseExecutor: {
    title: 'The executor of a promise is async.',
    severity: 'high',
    why: 'An error thrown inside an async executor is lost: the promise neither fulfils nor rejects.',
  },
  noBlankTarget: {
    title: 'The page that opens can steer this one.',
    why: 'Without rel="noopener" some browsers hand window.opener to the page behind target="_blank".',
    severity: 'low',
  },
  noCompareNegZero: { severity: 'high', why: 'The comparison is true for 0 as well; Object.is(value, -0) tells them apart.' },
  noConstAssign: { severity: 'high', why: 'The assignment throws a TypeError when it runs.' },
  noConstantCondition: { title: 'This condition is always the same.', severity: 'medium' },
  noDebugger: { title: 'A debugger statement was left in.', why: 'The program stops here whenever developer tools are open.' },
  noDoubleEquals: {
    title: '== converts types before it compares.',
    why: 'So "" == 0 is true; === compares without converting.',
    severity: 'low',
  },
  noDuplicateCase: {
    title: 'Two cases have the same value.',
    severity: 'high',
    why: 'The second case can never run: the first one with the same value is taken.',
  },
  noDuplicateElseIf: { title: 'This branch can never run.', severity: 'high', why: 'An earlier branch has the same condition.' },
  noDuplicateEnumValues: {
    title: 'Two members of the enum have the same value.',
    why: 'They cannot be told apart; probably one was copied and not changed.',
  },
  noEmptyBlockStatements: {
    title: 'The error is caught and forgotten.',
    why: 'Whoever looks for the cause of a failure will find nothing: handle it, log it, or say in a comment why it does not matter.',
    severity: 'low',
  },
  noFallthroughSwitchClause: {
    title: 'This case runs on into the next one.',
    why: 'Add a break or return, or a comment that says it is meant.',
    severity: 'medium',
  },
  noFocusedTests: { severity: 'high', why: 'All other tests of the file are silently left out.' },
  noGlobalEval: {
    title: 'eval() runs text as code.',
    why: 'Whoever controls the text controls the program; parse the data instead.',
    severity: 'high',
  },
  noGlobalIsFinite: {
    title: 'isFinite converts its argument to a number first.',
    why: 'So isFinite("1") and isFinite(null) are true; Number.isFinite takes only numbers.',
    severity: 'low',
  },
  noGlobalIsNan: {
    title: 'isNaN converts its argument to a number first.',
    why: 'So isNaN("text") is true; Number.isNaN takes only the number NaN.',
    severity: 'low',
  },
  noGlobalObjectCalls: { severity: 'high' },
  noImpliedEval: {
    title: 'A text is run as code.',
    why: 'setTimeout and its like take a function; a text is evaluated as with eval().',
    severity: 'high',
  },
  noInvalidConstructorSuper: { severity: 'high', why: 'The constructor throws when it runs.' },
  noInvalidUseBeforeDeclaration: { severity: 'high' },
  noRedeclare: { severity: 'medium' },
  noDuplicateObjectKeys: { title: 'The same key stands twice.', why: 'Only the last one counts; the earlier value is silently lost.' },
  noTemplateCurlyInString: { title: 'A placeholder in an ordinary string stays as it is.', why: 'It is only filled in between backticks.' },
  noSparseArray: {
    title: 'The array has an empty slot.',
    why: 'It reads as undefined and most methods pass over it; a comma too many is the usual cause.',
  },
  noStringCaseMismatch: {
    title: 'The two sides can never be equal.',
    why: 'One side was changed to upper or lower case and the other is written differently.',
    severity: 'medium',
  },
  noTsIgnore: {
    title: '@ts-ignore hides every error of the next line.',
    why: '@ts-expect-error hides them too, but says so when there is none left to hide.',
    severity: 'low',
  },
  noSelfAssign: { severity: 'medium', why: 'The statement does nothing; probably another variable was meant.' },
  noUnreachable: {
    title: 'This code can never run.',
    severity: 'medium',
    why: 'The code before it always leaves: it is left over, or a condition is missing.',
  },
  noUnreachableSuper: { severity: 'high' },
  noUnsafeFinally: { severity: 'high' },
  noUnsafeNegation: {
    title: 'The negation applies to the left operand only.',
    severity: 'high',
    why: 'So the condition is not what it seems; put parentheses around what is to be negated.',
  },
  noUnsafeOptionalChaining: {
    title: 'What may be undefined here is used as if it never were.',
    why: 'Where the chain stops early, it gives undefined and the rest throws a TypeError.',
    severity: 'high',
  },
  noUnusedInstantiation: {
    severity: 'low',
    title: 'The new object is thrown away.',
    why: 'Nothing keeps it: store it, or call a function where only the effect is wanted.',
  },
  noUnusedImports: { severity: 'low' },
  noUnusedLabels: { severity: 'low', why: 'No break or continue names it.' },
  noUnusedPrivateClassMembers: { severity: 'low', why: 'Nothing outside of the class can use it, so it can go, or its use was forgotten.' },
  noUnusedVariables: { severity: 'low' },
  noXorAsExponentiation: { severity: 'high' },
  useIsNan: { title: 'Nothing is equal to NaN.', severity: 'high', why: 'A comparison with NaN is never true.' },
  useValidForDirection: {
    title: 'The loop counts in the wrong direction.',
    severity: 'high',
    why: 'The counter runs away from its limit: the loop never ends, or never begins.',
  },
  useValidTypeof: { severity: 'high', why: 'typeof never gives this text, so the comparison is always false.' },
};

/** Fixes that Biome does not call safe although a person who sees them can take them at a glance. */
const OBVIOUS_FIXES = new Set(['noDebugger', 'noDoubleEquals', 'noUnsafeNegation', 'useIsNan', 'useValidTypeof']);

export function biomeSeverity(rule: string, group: string, level: string): Severity {
  const chosen = RULES[rule]?.severity;
  if (chosen !== undefined) return chosen;
  if (group === 'security') return 'high';
  return level === 'error' || level === 'fatal' ? 'medium' : 'low';
}

export function biomeCategory(rule: string, group: string): string {
  if (group === 'security' || rule === 'noImpliedEval') return 'security';
  return rule.startsWith('noUnused') && rule !== 'noUnusedInstantiation' ? 'unused' : 'bug';
}

export function biomeTitle(rule: string): string | undefined {
  return RULES[rule]?.title;
}

export function biomeWhy(rule: string): string | undefined {
  return RULES[rule]?.why;
}

export function offersFix(rule: string, applicability: string): boolean {
  return applicability === 'always' || OBVIOUS_FIXES.has(rule);
}
