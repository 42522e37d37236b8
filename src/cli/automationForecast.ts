import type { Run } from '../core/workflow/run.ts';
import { failureOf } from '../core/errors.ts';
import type { AutomationRules } from '../core/workflow/automation/automation.ts';
import type { Forecast } from '../core/workflow/automation/forecast.ts';
import type { Answer, Context } from './command.ts';
import { forecastText } from './text/automation.ts';

/** Something that would be asked, and who would answer; or why nobody would. */
export type Asked = Forecast['asks'][number] & { reviewer?: string; model?: string; because?: string; problem?: string };

/** Says what a run would do. Nothing is run, sent or written. */
export async function showForecast(context: Context, run: Run, rules: AutomationRules, planned: Forecast): Promise<Answer> {
  const asks: Asked[] = [];
  for (const ask of planned.asks) asks.push({ ...ask, ...(await whoAnswers(context, ask)) });
  const { terminal, format } = context;
  if (format === 'json') terminal.document({ dryRun: true, ...planned, asks, status: run });
  else for (const line of forecastText({ ...planned, asks }, run, rules, (style, text) => terminal.style(style, text))) terminal.line(line);
  return 0;
}

async function whoAnswers({ services }: Context, { kind, role }: Forecast['asks'][number]): Promise<Partial<Asked>> {
  const service = await services.review();
  try {
    const { name, model, because, problem, confirmed, origin } = await service.choose(role === undefined ? {} : { role });
    if (kind === 'generate' && model === undefined) return { problem: 'no model is configured, and the built-in reviewer writes nothing' };
    const refusal = problem?.message ?? (confirmed ? undefined : `nobody has agreed yet that code goes to ${origin ?? name}`);
    return { reviewer: name, because, ...(model === undefined ? {} : { model }), ...(refusal === undefined ? {} : { problem: refusal }) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return { problem: failure.message };
  }
}
