import { z } from 'zod';
import { Refusal } from './failure.ts';
import { dataOf, Framed } from './framed.ts';
import { choiceOf, findStep, forPerson, requireStartable, stepArgument, turnOf, workflowArgument } from './steps.ts';
import { stepData } from './stepText.ts';
import { defineTool } from './tool.ts';
import type { StepStatus } from '../workflow/run.ts';

export const checkTool = defineTool({
  name: 'handrail_check',
  title: 'Say that a step is done',
  description:
    "Records that you did a step, as an agent's word. Only for steps that a lead marked `performer: agent`; approvals, steps that take " +
    "a person's word and all others are refused. It never skips (waives) a step.",
  input: z.strictObject({ step: stepArgument, workflow: workflowArgument }),
  readOnly: false,
  openWorld: false,
  async run(ports, input) {
    const { run, step } = await findStep(ports, input.step, choiceOf(input));
    requireOwn(step);
    requireStartable(step);
    const after = await (await ports.workflow()).check(step.id, { actor: 'agent', workflow: run.workflow.id });
    const text = new Framed().say(`${step.id} is ${after.state}. The record says that an agent said so.`).toText(() => ports.marker());
    return { text, data: dataOf({ step: stepData(after) }) };
  },
});

function requireOwn(step: StepStatus): void {
  const turn = turnOf(step);
  if (turn.whose === 'person') throw new Refusal('usage', `You cannot settle the step ${step.id}: ${turn.because}.`, forPerson(step));
  if (step.kind === 'command' || step.kind === 'review') {
    throw new Refusal('usage', `The step ${step.id} is settled by running it.`, 'Call handrail_run_step.');
  }
  if (step.performer === 'agent') return;
  if (step.kind === 'generate') {
    throw new Refusal(
      'usage',
      `You cannot settle the step ${step.id} by saying so: no lead marked it performer: agent.`,
      'Let a model do it with handrail_run_step, or ask the person to tick it.',
    );
  }
  throw new Refusal(
    'usage',
    `The step ${step.id} takes nobody's word.`,
    'It is done as soon as what it expects is there; handrail_explain tells what is missing.',
  );
}
