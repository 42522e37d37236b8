import type { Severity } from '../../../core/ai/finding.ts';

/** How loud Ruff's rules are, and in what words. */

interface RuleWords {
  severity?: Severity;
  /** Instead of Ruff's own words, where they say too little or sound like a rule book. */
  title?: string;
  why?: string;
}

const RULES: Record<string, RuleWords> = {
  B006: {
    title: 'A default value is shared by all calls.',
    severity: 'high',
    why: 'The default is made once and shared by all calls: what one call changes, the next one sees.',
  },
  B012: { severity: 'high', why: 'Leaving a finally block by return, break or continue swallows the exception.' },
  B015: { why: 'The comparison has no effect; probably an assert or an assignment was meant.' },
  B017: { severity: 'low' },
  B018: { why: 'The expression has no effect.' },
  B020: { severity: 'high' },
  B023: {
    title: 'The function uses the loop variable’s last value.',
    severity: 'high',
    why: 'The function sees the variable’s last value, not the one of its own turn of the loop.',
  },
  E711: {
    title: 'None is compared with ==.',
    severity: 'low',
    why: 'A class may define == in its own way; identity with None is what is meant.',
  },
  E722: {
    title: 'The bare except catches everything.',
    severity: 'medium',
    why: 'It also catches KeyboardInterrupt, SystemExit and errors nobody thought of.',
  },
  F401: { severity: 'low' },
  F402: { severity: 'medium' },
  F601: { severity: 'medium', why: 'The later value of the repeated key silently wins.' },
  F631: {
    title: 'This assertion can never fail.',
    severity: 'high',
    why: 'A tuple with elements is always true, so the assertion never fails.',
  },
  F632: {
    title: 'A literal is compared by identity.',
    severity: 'high',
    why: 'is compares identity; whether equal literals are the same object is an accident.',
  },
  F811: { severity: 'medium', why: 'The first definition is silently replaced.' },
  F821: { severity: 'high', why: 'It raises a NameError when this line runs.' },
  F823: { severity: 'high', why: 'It raises an UnboundLocalError when this line runs.' },
  F841: { severity: 'low' },
  G101: { severity: 'high', why: 'Logging raises a KeyError when a name is one of its own.' },
  PLR0124: { severity: 'medium', why: 'Both sides are the same, so the answer is known; probably something else was meant.' },
  RUF006: { severity: 'medium', why: 'The event loop keeps only a weak reference: the task may vanish before it is done.' },
  S102: { severity: 'high' },
  T100: { title: 'A breakpoint was left in.', severity: 'medium', why: 'The program stops here and waits for somebody.' },
  W605: {
    title: 'The backslash is part of the text.',
    severity: 'low',
    why: 'Python knows no such escape and warns about it; a raw string (r"…") or a second backslash says what is meant.',
  },
  S108: { severity: 'low' },
  S113: {
    title: 'The request has no timeout.',
    severity: 'medium',
    why: 'Without a timeout the program waits for ever when the server does not answer.',
  },
  S201: { severity: 'high' },
  S301: { severity: 'high', why: 'Unpickling runs code of whoever wrote the data.' },
  S307: { severity: 'high' },
  S310: { severity: 'low' },
  S324: { severity: 'medium' },
  S501: { severity: 'high' },
  S506: {
    title: 'yaml.load can build any object.',
    severity: 'high',
    why: 'yaml.load without a safe loader builds any Python object the file names.',
  },
  S602: { title: 'A shell runs the command.', severity: 'high', why: 'Whoever controls part of the command text can run any command.' },
  S605: { severity: 'high', why: 'Whoever controls part of the command text can run any command.' },
  S608: {
    title: 'SQL is put together from text.',
    severity: 'high',
    why: 'Whoever controls part of the text can change the query; pass values as parameters.',
  },
};

export function ruffSeverity(code: string): Severity {
  const chosen = RULES[code]?.severity;
  if (chosen !== undefined) return chosen;
  return code.startsWith('PLE') ? 'high' : 'medium';
}

export function ruffCategory(code: string): string {
  if (/^S\d/.test(code)) return 'security';
  return ['F401', 'F841', 'F842'].includes(code) ? 'unused' : 'bug';
}

export function ruffWhy(code: string): string | undefined {
  return RULES[code]?.why;
}

export function ruffTitle(code: string): string | undefined {
  return RULES[code]?.title;
}

/**
 * Rules whose fix a person may take at a glance: those that Ruff documents as safe, and `is None`. Its interface does not tell them from
 * fixes that can change what a program does.
 */
const GOOD_FIXES: ReadonlySet<string> = new Set(
  'E711 F401 F504 F522 F523 F632 F901 W605 B013 B014 B033 PLE2510 PLE2512 PLE2513 PLE2514 PLE2515'.split(' '),
);

export function ruffOffersFix(code: string): boolean {
  return GOOD_FIXES.has(code);
}
