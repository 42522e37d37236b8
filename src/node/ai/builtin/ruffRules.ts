import type { Severity } from '../../../core/ai/finding.ts';

/** Which of Ruff's rules speak in a review: errors, likely bugs, security. Style, typing and taste are off. */

export const RUFF_OPTIONS = {
  // Newest grammar: what an older interpreter refuses is the project's own choice, not a finding.
  'target-version': 'py314',
  lint: {
    select: [
      'ASYNC',
      'B',
      'E711',
      'E721',
      'E722',
      'E9',
      'F',
      'PLE',
      'PLW0127',
      'PLW0128',
      'PLW0129',
      'PLW0131',
      'PLW0133',
      'PLW0177',
      'PLW0211',
      'PLW0245',
      'PLW0602',
      'PLW0604',
      'PLW0711',
      'PLW1501',
      'PLW1507',
      'PLW1508',
      'PLW1509',
      'PLW2101',
      'RUF006',
      'RUF008',
      'RUF009',
      'RUF016',
      'RUF018',
      'RUF024',
      'RUF026',
      'RUF034',
      'S',
    ],
    ignore: [
      'ASYNC109',
      'B007',
      'B008',
      'B009',
      'B010',
      'B011',
      'B019',
      'B028',
      'B903',
      'B904',
      'B905',
      'B911',
      'S101',
      'S105',
      'S106',
      'S107',
      'S110',
      'S112',
      'S311',
      'S403',
      'S404',
      'S405',
      'S406',
      'S603',
      'S606',
      'S607',
      'F403',
      'F405',
      'F541',
    ],
  },
};

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
  RUF006: { severity: 'medium', why: 'The event loop keeps only a weak reference: the task may vanish before it is done.' },
  S102: { severity: 'high' },
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
