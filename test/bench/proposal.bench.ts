import { chromium, expect, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { ensureChromium } from '../../scripts/vscode/chromium.mjs';
import {
  installExtension,
  linkExtensions,
  newDataFolder,
  startServer,
  workbenchAddress,
  writeSettings,
} from '../../scripts/vscode/server.mjs';
import { packageExtension } from '../../scripts/vsix.mjs';
import { newExample, removeWorkspace } from '../../scripts/workspace.mjs';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';
import { Workbench } from '../ui/workbench.ts';
import { median, type Measurement } from './benchmark.ts';

/**
 * From the last byte of a model's answer to the diff being drawn with its marks, in the real workbench: a proposal for two files beside
 * an extension that does nothing but read the same answer and open the same two files with `vscode.changes`.
 */

const ROUNDS = 7;
const FILES = ['src/payments/giftCards.ts', 'test/giftCards.test.ts'];

export async function run(): Promise<Measurement[]> {
  const vsix = await packageExtension();
  const dataFolder = newDataFolder();
  const folder = await newExample();
  const model = await startModelServer();
  installExtension(dataFolder, vsix);
  linkExtensions(dataFolder, [path.join(import.meta.dirname, 'diffHelper')]);
  writeSettings(dataFolder, {
    'security.workspace.trust.enabled': false,
    'window.dialogStyle': 'custom',
    'workbench.quickOpen.closeOnFocusLost': false,
  });
  const entry = `{ provider: openai, baseURL: "${model.baseURL}", model: test-model }`;
  fs.writeFileSync(
    path.join(folder, '.handrail/models.yml'),
    `version: 1\nmodels:\n  writer: ${entry}\nroles: { review: writer, generate: writer }\n`,
  );
  const home = path.join(dataFolder, 'home');
  const server = await startServer({
    dataFolder,
    env: { HANDRAIL_HOME: home, BENCH_SERVER: model.origin, BENCH_FILES: FILES.join(',') },
  });
  const browser = await chromium.launch(await ensureChromium());
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const workbench = new Workbench(page, { folder, home, address: workbenchAddress(server, { folder }) });
    await workbench.open();
    const own: number[] = [];
    const plain: number[] = [];
    // The first round of each loads code, and agrees to send.
    for (let round = 0; round <= ROUNDS; round++) {
      own.push(await measured(workbench, model, () => generate(workbench, round === 0), 2 * round));
      await workbench.command('Handrail: Discard Proposal');
      plain.push(await measured(workbench, model, () => workbench.command('Bench: Plain Diff'), 2 * round + 1));
      await workbench.command('View: Close All Editors');
    }
    return rowsOf(own, plain);
  } finally {
    await browser.close();
    await server.stop();
    await model.close();
    removeWorkspace(folder);
    fs.rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function rowsOf([firstOwn = Number.NaN, ...own]: readonly number[], [firstPlain = Number.NaN, ...plain]: readonly number[]): Measurement[] {
  const row = (metric: string, value: number, baseline: number): Measurement => ({
    name: 'proposal for two files',
    metric,
    value,
    unit: 'ms',
    baseline,
  });
  return [
    row('last byte to diff shown, first (baseline: plain vscode.changes)', firstOwn, firstPlain),
    row('last byte to diff shown, median', median(own), median(plain)),
    row('last byte to diff shown, worst', Math.max(...own), Math.max(...plain)),
  ];
}

/** Milliseconds from the server's last byte to the frame in which the diff is there. Both clocks are this machine's. */
async function measured({ page, folder }: Workbench, model: ModelServer, ask: () => Promise<void>, number: number): Promise<number> {
  const mark = `bench-${number}`;
  const blocks = FILES.map((file) => {
    const first = fs.readFileSync(path.join(folder, file), 'utf8').split('\n')[0] ?? '';
    return [file, '<<<<<<< SEARCH', first, '=======', `// ${mark}`, first, '>>>>>>> REPLACE', ''].join('\n');
  });
  model.requests.length = 0;
  model.setScript({ replies: [{ text: blocks.join('\n'), pieceLength: 400 }] });
  const shown = drawn(page, mark);
  await ask();
  const at = await shown;
  const closed = model.requests.at(-1)?.closedAt;
  if (closed === undefined) throw new Error('the answer has not ended');
  return at - closed;
}

/** When the proposed line and a mark of what was added are drawn: milliseconds since the Unix epoch. */
function drawn(page: Page, mark: string): Promise<number> {
  return page.evaluate(
    (text) =>
      new Promise<number>((resolve) => {
        // oxlint-disable-next-line typescript/no-explicit-any -- runs in the page, whose types this project does not load
        const { document, requestAnimationFrame } = globalThis as any;
        const look = (): void => {
          const lines: { textContent: string }[] = [...document.querySelectorAll('.modified .view-line')];
          const isThere = lines.some((line) => line.textContent.replaceAll('\u00a0', ' ').includes(`// ${text}`));
          if (isThere && document.querySelector('.modified .line-insert') !== null) resolve(Date.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
    mark,
  );
}

async function generate(workbench: Workbench, isFirst: boolean): Promise<void> {
  const { page } = workbench;
  await workbench.openFile(FILES[0] ?? '');
  const box = page.locator('.quick-input-widget', { hasText: 'Generate in' });
  await expect(async () => {
    await page.keyboard.press('Control+1');
    await page.keyboard.press('Control+Alt+G');
    await expect(box).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 60_000 });
  await workbench.input('a mark above the text');
  if (!isFirst) return;
  await workbench
    .dialog(/Send code of this workspace/)
    .getByRole('button', { name: /^Send/ })
    .click({ timeout: 60_000 });
}
