import type { Frame, Locator } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const AXE = path.resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js');

/** The document of the webview that is in front. */
export function webviewBody(workbench: Workbench): Locator {
  return webviewOf(workbench).locator('body');
}

/** Looks for everything that axe-core knows to keep somebody out, in the webview that is in front. */
export async function expectAccessible(workbench: Workbench): Promise<void> {
  const handle = await webviewBody(workbench).elementHandle();
  const frame: Frame | null | undefined = await handle?.ownerFrame();
  if (!frame) throw new Error('There is no webview to look at.');
  // Into a world of the test's own: the page itself may run no script.
  await frame.evaluate(fs.readFileSync(AXE, 'utf8'));
  const results = await frame.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    return axe.run();
  });
  expect(results.passes.length).toBeGreaterThan(5);
  const found = results.violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ target }) => String(target)) }));
  expect(found).toEqual([]);
}

function webviewOf(workbench: Workbench) {
  const webview = workbench.page.locator('iframe.webview.ready').filter({ visible: true }).first();
  return webview.contentFrame().frameLocator('#active-frame');
}
