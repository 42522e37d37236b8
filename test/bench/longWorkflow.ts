export const STEPS = 200;

/** A workflow in which every step needs the one before and has a condition, a reason and an expectation. */
export function longWorkflow(): string {
  const steps = Array.from({ length: STEPS }, (_, index) =>
    [
      `  - id: s${index}`,
      '    kind: command',
      `    title: Step number ${index}`,
      '    why: Because it went wrong twice.',
      `    needs: [${index > 0 ? `s${index - 1}` : ''}]`,
      `    when: changes.exists(f, glob(f, "src/${index}/**"))`,
      '    run: npm test',
      '    expect: [{ exit: 0 }]',
      '',
    ].join('\n'),
  );
  return `version: 1\nid: long\ntitle: Long\nsteps:\n${steps.join('')}`;
}
