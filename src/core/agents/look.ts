import { z } from 'zod';
import type { Finding } from '../ai/finding.ts';
import { SEVERITIES } from '../ai/finding.ts';
import type { RunStatus, StepStatus } from '../workflow/run.ts';
import { dataOf, Framed, oneLine } from './framed.ts';
import { choiceOf, findStep, stepArgument, turnOf, workflowArgument } from './steps.ts';
import { howTo, runData, stepData, stepLines, stepWords } from './stepText.ts';
import { defineTool } from './tool.ts';

/** The tools that only look. */

const LOOKS = { readOnly: true, openWorld: false } as const;

export const statusTool = defineTool({
  name: 'handrail_status',
  title: 'Where the branch stands',
  description:
    "Tells which workflow the current branch follows and how each of its steps stands: state, kind, whether it is yours or a person's. " +
    'Call it first, and again before you stop. It changes nothing.',
  input: z.strictObject({ workflow: workflowArgument }),
  ...LOOKS,
  async run(ports, input) {
    const status = await (await ports.workflow()).status(choiceOf(input));
    const framed = new Framed();
    if (status.workflow === null) framed.say('The branch follows no workflow.').quote('Why:', status.note ?? '');
    else {
      framed
        .say(`${status.done} of ${status.total} steps are done.`, stepLines(status.steps), nextSentence(status))
        .quote('Workflow and branch:', `${oneLine(status.workflow.title)}\n${status.branch ?? 'no branch is checked out'}`)
        .quote('What the steps are called, and what they still need:', stepWords(status.steps, 2));
    }
    framed.quote('Mistakes in the workflow files:', problemsText(status));
    return {
      text: framed.toText(() => ports.marker()),
      data: dataOf({ ...runData(status), steps: status.steps.map(stepData), ...(status.note === undefined ? {} : { note: status.note }) }),
    };
  },
});

function nextSentence({ steps, next, done, total }: RunStatus): string {
  if (done === total) return 'Everything is done.';
  const turn = steps.filter(({ id }) => next.includes(id));
  const own = turn.filter((step) => turnOf(step).whose === 'agent').map(({ id }) => id);
  const others = turn.filter((step) => turnOf(step).whose === 'person').map(({ id }) => id);
  return [
    own.length > 0 ? `Your turn: ${own.join(', ')}.` : 'No step is your turn now.',
    ...(others.length > 0 ? [`Leave to a person: ${others.join(', ')}.`] : []),
  ].join(' ');
}

function problemsText({ problems }: RunStatus): string {
  return problems
    .flatMap(({ path, problems: list }) => list.map(({ line, message }) => `${path}:${line}: ${oneLine(message)}`))
    .slice(0, 20)
    .join('\n');
}

export const nextTool = defineTool({
  name: 'handrail_next',
  title: 'What to do next',
  description:
    'Tells the steps whose turn it is, how you do those that are yours, and which to leave to a person. It changes nothing. ' +
    'Do only what belongs to what you were asked for.',
  input: z.strictObject({ workflow: workflowArgument }),
  ...LOOKS,
  async run(ports, input) {
    const status = await (await ports.workflow()).status(choiceOf(input));
    const steps = status.next.flatMap((id) => status.steps.find((step) => step.id === id) ?? []).slice(0, 20);
    const framed = new Framed();
    if (status.workflow === null) framed.say('The branch follows no workflow, so nothing is next.').quote('Why:', status.note ?? '');
    else if (steps.length === 0) {
      framed.say(status.done === status.total ? 'Everything is done.' : 'Nothing can start before what is running or blocked is settled.');
    } else {
      framed.say(...steps.map(howTo)).quote('What the steps are called, and what they still need:', stepWords(steps));
    }
    const whose = (who: 'agent' | 'person'): string[] => steps.filter((step) => turnOf(step).whose === who).map(({ id }) => id);
    return {
      text: framed.toText(() => ports.marker()),
      data: dataOf({ ...runData(status), yours: whose('agent'), persons: whose('person'), steps: steps.map(stepData) }),
    };
  },
});

export const explainTool = defineTool({
  name: 'handrail_explain',
  title: 'Why a step is there',
  description:
    "Tells why a step is part of this branch's workflow, what it expects, what is still missing, and how it is done. It changes nothing.",
  input: z.strictObject({ step: stepArgument, workflow: workflowArgument }),
  ...LOOKS,
  async run(ports, input) {
    const { step } = await findStep(ports, input.step, choiceOf(input));
    const framed = new Framed()
      .say(`${step.id} (${step.kind}) is ${step.state}.`)
      .say(step.state === 'done' || step.state === 'skipped' || step.state === 'waived' ? 'Nothing has to be done.' : howTo(step));
    for (const [heading, text] of wordsOf(step)) framed.quote(heading, text);
    return { text: framed.toText(() => ports.marker()), data: dataOf({ step: { ...stepData(step), ...detailOf(step) } }) };
  },
});

function wordsOf(step: StepStatus): [string, string][] {
  return [
    ['Title:', step.title],
    ['Why it exists:', step.why ?? ''],
    ['Read about it in:', step.learn ?? ''],
    ['Why it stands so:', step.because],
    ['It applies when:', step.when === undefined ? '' : `${step.when.expression}\n${step.when.matched.slice(0, 20).join('\n')}`],
    ['It expects:', step.expect.map(({ met, detail }) => `${met ? 'there' : 'missing'}: ${detail}`).join('\n')],
    ['Still missing:', step.missing.join('\n')],
    ['Its command:', step.run ?? ''],
    ['Its prompt file:', step.prompt ?? ''],
    ['Changed since it was done:', (step.staleBecause ?? []).slice(0, 20).join('\n')],
  ];
}

function detailOf({ why, learn, expect, when, run, prompt, staleBecause, evidence, waiver }: StepStatus): Record<string, unknown> {
  return { why, learn, expect, when, run, prompt, staleBecause, evidence, waiver };
}

const MOST_FINDINGS = 50;

export const findingsTool = defineTool({
  name: 'handrail_findings',
  title: 'Open findings of the last review',
  description:
    'Lists what the last review in this worktree found and nobody has dismissed, the most severe first. It changes nothing. ' +
    'Mend what is right, or tell the person why a finding is wrong: only a person dismisses it.',
  input: z.strictObject({
    file: z.string().min(1).max(1_000).optional().describe('Only findings in this file, relative to the workspace folder, with /'),
    severity: z.enum(SEVERITIES).optional().describe('Only findings at least so severe'),
  }),
  ...LOOKS,
  async run(ports, { file, severity }) {
    const all = await (await ports.review()).findings();
    const rank = (one: Finding): number => SEVERITIES.indexOf(one.severity);
    const least = severity === undefined ? SEVERITIES.length : SEVERITIES.indexOf(severity);
    const wanted = all.filter((one) => (file === undefined || one.file === file) && rank(one) <= least).sort((a, b) => rank(a) - rank(b));
    const shown = wanted.slice(0, MOST_FINDINGS);
    const framed = new Framed()
      .say(
        wanted.length === 0
          ? 'There are no such open findings. A review that did not run yet has none either.'
          : countSentence(wanted.length),
      )
      .quote('Findings:', findingsText(shown));
    return { text: framed.toText(() => ports.marker()), data: dataOf({ total: wanted.length, findings: shown.map(findingData) }) };
  },
});

function countSentence(count: number): string {
  const most = count > MOST_FINDINGS ? `, of which the first ${MOST_FINDINGS} follow; name a file or a severity for the others` : '';
  return `${count === 1 ? 'There is 1 open finding' : `There are ${count} open findings`}${most}.`;
}

/** One paragraph a finding, for a fence. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map(({ severity, category, file, startLine, title, message, quote }) =>
      [
        `${severity} ${category} ${JSON.stringify(file)}${startLine === undefined ? '' : `:${startLine}`}: ${oneLine(title)}`,
        oneLine(message, 1_000),
        ...(quote === '' ? [] : [oneLine(quote)]),
      ].join('\n  '),
    )
    .join('\n');
}

export function findingData(finding: Finding): Record<string, unknown> {
  const { id, file, startLine, endLine, severity, category, title, message, quote, source, rule, anchor } = finding;
  return { id, file, startLine, endLine, severity, category, title, message, quote, source, rule, anchor: anchor.status };
}
