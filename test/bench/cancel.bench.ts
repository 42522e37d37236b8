import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createEndpointConsent } from '../../src/node/ai/models/endpointConsent.ts';
import { createOpenAiProvider } from '../../src/node/ai/models/openai/openaiProvider.ts';
import { CLI, createCliRunner } from '../support/cliRun.ts';
import { createTestRepo } from '../support/gitRepo.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';
import { median, type Measurement } from './benchmark.ts';

/**
 * From cancelling to the moment at which the model's server sees the connection closed, while it writes and while it is silent: a request
 * of the provider beside a bare `fetch` that is aborted, and `handrail review` that gets Ctrl-C beside a process that is killed outright.
 */

const REQUESTS = 40;
const PROCESSES = 12;
const REPLIES = {
  'while it writes': { text: 'on and on ', endless: true, interval: 5 },
  'while it is silent': { hang: 'connect' as const },
};

export async function run(): Promise<Measurement[]> {
  const server = await startModelServer();
  try {
    const rows: Measurement[] = [];
    for (const [when, reply] of Object.entries(REPLIES)) {
      server.setScript({ replies: [reply] });
      const own: number[] = [];
      const bare: number[] = [];
      for (let turn = 0; turn < REQUESTS; turn++) {
        own.push(await afterCancel(server, (signal) => askProvider(server, signal)));
        bare.push(await afterCancel(server, (signal) => askBare(server, signal)));
      }
      rows.push(...rowsOf(`a request, ${when}`, own, bare));
    }
    rows.push(...(await processes(server)));
    return rows;
  } finally {
    await server.close();
  }
}

function rowsOf(name: string, own: readonly number[], naive: readonly number[]): Measurement[] {
  return [
    { name, metric: 'cancel to closed, median', value: median(own), unit: 'ms', baseline: median(naive) },
    { name, metric: 'cancel to closed, p95', value: p95(own), unit: 'ms', baseline: p95(naive) },
  ];
}

function p95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;
}

/** Milliseconds from the signal to the server's side of the connection being closed. */
async function afterCancel(server: ModelServer, ask: (signal: AbortSignal) => Promise<void>): Promise<number> {
  server.requests.length = 0;
  const cancel = new AbortController();
  const asking = ask(cancel.signal).catch(() => undefined);
  await server.seen(() => true);
  const started = performance.now();
  cancel.abort();
  await server.seen((request) => request.aborted);
  const took = performance.now() - started;
  await asking;
  return took;
}

async function askProvider(server: ModelServer, signal: AbortSignal): Promise<void> {
  const provider = createOpenAiProvider({ name: 'bench', model: 'm', baseURL: server.baseURL, key: undefined });
  for await (const chunk of provider.stream({ system: 's', user: 'u', maxOutputTokens: 1e6 }, signal)) void chunk;
}

async function askBare(server: ModelServer, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${server.baseURL}/chat/completions`, { method: 'POST', body: '{"model":"m"}', signal });
  for await (const bytes of response.body ?? []) void bytes;
}

async function processes(server: ModelServer): Promise<Measurement[]> {
  const cli = createCliRunner();
  const models = `version: 1\nmodels:\n  ours: { provider: openai, baseURL: "${server.baseURL}", model: m }\nroles: { review: ours }\n`;
  const repo = createTestRepo({ files: { 'src/a.go': 'package a\n', '.handrail/models.yml': models } });
  try {
    await createEndpointConsent({ home: cli.home, root: repo.root }).confirm(server.origin);
    server.setScript({ replies: [REPLIES['while it writes']] });
    const taken: Record<'SIGINT' | 'SIGKILL', number[]> = { SIGINT: [], SIGKILL: [] };
    for (let turn = 0; turn < PROCESSES; turn++) {
      for (const signal of ['SIGINT', 'SIGKILL'] as const) {
        server.requests.length = 0;
        const child = spawn(process.execPath, [CLI, 'review', 'src/a.go'], { cwd: repo.root, env: cli.env, stdio: 'ignore' });
        const closed = once(child, 'close');
        await server.seen((request) => request.path.endsWith('/completions'));
        const started = performance.now();
        child.kill(signal);
        await server.seen((request) => request.aborted);
        taken[signal].push(performance.now() - started);
        await closed;
      }
    }
    return rowsOf('a review on the command line, beside a kill', taken.SIGINT, taken.SIGKILL);
  } finally {
    repo.remove();
    cli.remove();
  }
}
