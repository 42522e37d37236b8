/** Ready workflows. Each step says why it is there, so that a team learns the practice and can change it. */

/** A command that runs the project's own tests, as found. */
export interface TestCommand {
  run: string;
  /** Where it was found, e.g. `package.json`. */
  found: string;
}

export interface WorkflowTemplate {
  name: string;
  title: string;
  /** One line for a list to pick from. */
  description: string;
  render(tests: TestCommand | undefined): string;
}

/** What `init` writes when nothing is asked for. It matches every branch, and its file name comes after those of the other templates, which therefore win on theirs. */
export const DEFAULT_TEMPLATE = 'team';

export const TEMPLATES: readonly WorkflowTemplate[] = [
  {
    name: 'team',
    title: 'Every change',
    description: 'Three steps for every change: tests, AI review, self-check. Nothing blocks.',
    render: change,
  },
  {
    name: 'feature',
    title: 'Feature',
    description: 'A feature branch: intent first on larger changes, tests, AI review, notes on risky paths.',
    render: feature,
  },
  { name: 'bugfix', title: 'Bug fix', description: 'A fix: see it fail first, test it, find the cause.', render: bugfix },
  { name: 'hotfix', title: 'Hotfix', description: 'An urgent fix: small, tested, followed up.', render: hotfix },
  { name: 'refactor', title: 'Refactoring', description: 'Same behaviour, better structure.', render: refactor },
  {
    name: 'dependency-upgrade',
    title: 'Dependency upgrade',
    description: 'New versions of what the project depends on.',
    render: dependencyUpgrade,
  },
  {
    name: 'incident',
    title: 'Incident',
    description: 'After the damage is stopped: what happened, the lasting fix, what is learned.',
    render: incident,
  },
  { name: 'spike', title: 'Spike', description: 'Code to learn from and throw away.', render: spike },
];

const HEAD = `# The team's steps for a branch. Evidence of what was done is kept by Handrail, not in this file.
# "handrail status" shows where a branch stands, "handrail validate" checks this file.
`;

/** A JSON string is a YAML double-quoted scalar, whatever the command holds. */
const quoted = (text: string): string => JSON.stringify(text);

function tests(command: TestCommand | undefined, options: { id?: string; title?: string; why: string; needs?: string }): string {
  const { id = 'tests', title = "Run the project's tests", why, needs } = options;
  const needed = needs === undefined ? '' : `    needs: [${needs}]\n`;
  if (!command) {
    return `  - id: ${id}
    kind: manual            # no test command was found; with one, use kind: command and run: …
    title: Test the change
    why: ${why}
${needed}`;
  }
  return `  - id: ${id}
    kind: command
    title: ${title}
    why: ${why}
${needed}    run: ${quoted(command.run)}
    expect: [{ exit: 0 }]
`;
}

function change(command: TestCommand | undefined): string {
  return `${HEAD}version: 1
id: team
title: Every change
steps:
${tests(command, { why: "A reviewer's time is for what a machine cannot see." })}
  - id: ai-review
    kind: review
    title: AI review of the branch
    why: A second pair of eyes before a colleague spends theirs.
    scope: branch
    # To make it a gate, say how many open findings are allowed:
    # expect: [{ findings: { critical: 0, high: 0 } }]

  - id: self-check
    kind: manual
    title: Read your own diff once, as if it were someone else's
    why: Most review comments are things the author would have seen a day later.
`;
}

function feature(command: TestCommand | undefined): string {
  return `${HEAD}version: 1
id: feature
title: Feature
on: { branches: ["feat/**", "feature/**"] }
vars:
  small: lines.added + lines.deleted < 20
  risky: changes.exists(f, glob(f, "**/{auth,security,payment,payments,billing,migrations}/**"))
steps:
  - id: intent
    kind: manual
    title: State the problem and how you will know it is solved
    when: "!vars.small"
    why: Most rejected changes had the wrong intent, not wrong code.
    expect: [{ attest: Problem and acceptance checks are written down where the reviewer will find them }]

${tests(command, { why: 'A change without a passing test run is a claim.' })}
  - id: ai-review
    kind: review
    title: AI review of the branch
    needs: [tests]
    why: It finds slips while they are cheap, and leaves people the questions of design.
    scope: branch
    expect: [{ findings: { critical: 0, high: 0 } }]

  - id: risk-notes
    kind: manual
    title: Note what could go wrong, and how you would notice
    when: vars.risky
    why: Changes to sign-in, money and data are the ones that wake people at night.
    expect: [{ attest: Abuse cases and the way back are written down }]

  - id: self-check
    kind: manual
    title: Read your own diff once, as if it were someone else's
    needs: [ai-review]
    why: The author is the only one who knows what was meant.
`;
}

function bugfix(command: TestCommand | undefined): string {
  return `${HEAD}version: 1
id: bugfix
title: Bug fix
on: { branches: ["fix/**", "bugfix/**"] }
vars:
  testsChanged: changes.exists(f, glob(f, "**/{test,tests,spec,__tests__}/**") || glob(f, "**/*{.test,.spec,_test}.*") || glob(f, "**/test_*"))
steps:
  - id: reproduce
    kind: manual
    title: See it fail first
    why: A fix for a fault nobody has seen fail may fix something else.
    expect: [{ attest: The fault was reproduced before the fix }]

  - id: regression-test
    kind: manual
    title: Say why no test guards against this fault
    when: "!vars.testsChanged"
    needs: [reproduce]
    why: A fault that came once comes again where no test watches. This step goes away when the branch changes a test.
    expect: [{ attest: There is a reason why no test was added }]

${tests(command, { why: 'The fix must not break what worked.', needs: 'reproduce' })}
  - id: ai-review
    kind: review
    title: AI review of the branch
    needs: [tests]
    why: The same mistake often stands in a second place.
    scope: branch
    expect: [{ findings: { critical: 0, high: 0 } }]

  - id: cause
    kind: manual
    title: Write down the cause, not only the symptom
    why: The next person who meets it will search for these words.
    expect: [{ attest: The commit or the issue names the cause }]
`;
}

function hotfix(command: TestCommand | undefined): string {
  return `${HEAD}version: 1
id: hotfix
title: Hotfix
on: { branches: ["hotfix/**"] }
vars:
  large: lines.added + lines.deleted > 100
steps:
  - id: impact
    kind: manual
    title: Say who is affected and what stops the damage now
    why: Turning something off is often faster and safer than a new release.
    expect: [{ attest: Impact and a way back are known }]

  - id: size
    kind: manual
    title: Make it smaller, or say why it cannot be
    when: vars.large
    why: Large urgent changes cause the next incident.
    expect: [{ attest: Every line is needed to stop the damage }]

${tests(command, { why: 'Under pressure people skip this once too often.', needs: 'impact' })}
  - id: ai-review
    kind: review
    title: AI review of the branch
    needs: [tests]
    why: At this hour nobody else may be awake.
    scope: branch
    expect: [{ findings: { critical: 0 } }]

  - id: follow-up
    kind: manual
    title: Open the issue for the lasting fix
    why: What is not written down today is forgotten on Monday.
    expect: [{ attest: An issue for the lasting fix exists }]
`;
}

function refactor(command: TestCommand | undefined): string {
  return `${HEAD}version: 1
id: refactor
title: Refactoring
on: { branches: ["refactor/**", "chore/**"] }
steps:
  - id: safety-net
    kind: manual
    title: Make sure tests cover what you are about to move
    why: Without them nobody can tell a refactoring from a change of behaviour.
    expect: [{ attest: The behaviour that must not change is covered by tests }]

${tests(command, { why: 'Same behaviour is the whole promise of a refactoring.', needs: 'safety-net' })}
  - id: ai-review
    kind: review
    title: AI review of the branch
    needs: [tests]
    why: It reads every moved line with the same patience.
    scope: branch
    expect: [{ findings: { critical: 0, high: 0 } }]

  - id: no-behaviour
    kind: manual
    title: Check that no change of behaviour slipped in
    needs: [ai-review]
    why: Mixed changes are the hardest to review and to take back.
    expect: [{ attest: The branch changes structure only }]
`;
}

function dependencyUpgrade(command: TestCommand | undefined): string {
  return `${HEAD}version: 1
id: dependency-upgrade
title: Dependency upgrade
on: { branches: ["deps/**", "renovate/**", "dependabot/**"] }
vars:
  codeChanged: >-
    changes.exists(f, !glob(f, "**/{package.json,package-lock.json,yarn.lock,pnpm-lock.yaml,Cargo.toml,Cargo.lock,go.mod,go.sum,pyproject.toml,poetry.lock,uv.lock,requirements*.txt,pom.xml,*.gradle,*.gradle.kts}"))
steps:
  - id: changelog
    kind: manual
    title: Read the release notes between the two versions
    why: Tests show what broke, release notes show what will.
    expect: [{ attest: Breaking changes and their effect here are known }]

${tests(command, { why: 'An upgrade is a change by strangers.' })}
  - id: ai-review
    kind: review
    title: AI review of the branch
    when: vars.codeChanged
    needs: [tests]
    why: Only where code had to follow the new version.
    scope: branch
    expect: [{ findings: { critical: 0, high: 0 } }]
`;
}

function incident(command: TestCommand | undefined): string {
  return `${HEAD}version: 1
id: incident
title: Incident
on: { branches: ["incident/**", "postmortem/**"] }
steps:
  - id: timeline
    kind: manual
    title: Write down what happened, hour by hour
    why: Memory mends itself within days, and then nobody learns from it.
    expect: [{ file: "docs/incidents/\${branch}.md", sections: [Impact, Timeline] }]

  - id: reproduce
    kind: manual
    title: Add a test that fails the way production did
    needs: [timeline]
    why: It proves that the cause was found, and tells when it comes back.
    expect: [{ attest: A test failed for the reason of the incident }]

${tests(command, { why: 'The lasting fix must not be the next incident.', needs: 'reproduce' })}
  - id: ai-review
    kind: review
    title: AI review of the branch
    needs: [tests]
    why: It looks for the same mistake elsewhere in the change.
    scope: branch
    expect: [{ findings: { critical: 0, high: 0 } }]

  - id: learned
    kind: manual
    title: Write what made it possible and what will be different
    needs: [timeline]
    why: People act sensibly on what they see; change what they see, and blame nobody.
    expect: [{ file: "docs/incidents/\${branch}.md", sections: [Causes, Actions] }]
`;
}

function spike(_command: TestCommand | undefined): string {
  return `${HEAD}version: 1
id: spike
title: Spike
on: { branches: ["spike/**", "experiment/**"] }
steps:
  - id: question
    kind: manual
    title: Write the question, and the time you give it
    why: A spike without a question becomes a product without a plan.
    expect: [{ attest: Question and time limit are written down }]

  - id: answer
    kind: manual
    title: Write the answer and what it rests on
    needs: [question]
    why: The answer is the result; the code is not.
    expect: [{ file: "docs/spikes/\${branch}.md", sections: [Question, Answer] }]
`;
}
