import type { Locator } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const AXE = path.resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js');
const POLICY = /<meta http-equiv="Content-Security-Policy"[^>]*>/;

/** The document of the webview that is in front. */
export function webviewBody(workbench: Workbench): Locator {
  const webview = workbench.page.locator('iframe.webview.ready').filter({ visible: true }).first();
  return webview.contentFrame().frameLocator('#active-frame').locator('body');
}

/**
 * Looks for everything that axe-core knows to keep somebody out, in the webview that is in front. Most of our webviews run no script, which
 * goes for axe-core as well, so it looks at a copy: the same document with the colours that the editor has set, without its policy.
 */
export async function expectAccessible(workbench: Workbench): Promise<void> {
  const html = await webviewBody(workbench).evaluate((body) => body.ownerDocument.documentElement.outerHTML);
  const copy = await workbench.page.context().newPage();
  try {
    await copy.setContent(`<!DOCTYPE html>${html.replace(POLICY, '')}`);
    await copy.evaluate(fs.readFileSync(AXE, 'utf8'));
    const results = await copy.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
      return axe.run();
    });
    expect(results.passes.map(({ id }) => id)).toContain('color-contrast');
    const found = results.violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ target }) => String(target)) }));
    expect(found).toEqual([]);
  } finally {
    await copy.close();
  }
}
