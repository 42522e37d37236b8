import { defineConfig } from '@playwright/test';
import { ensureChromium } from '../../scripts/vscode/chromium.mjs';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../dist/ui/failures',
  workers: 1,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['list'], ['json']] : [['list']],
  use: {
    actionTimeout: 30_000,
    viewport: { width: 1400, height: 900 },
    launchOptions: await ensureChromium(),
    screenshot: 'only-on-failure',
    // A trace copies the workbench's whole document at every step, which doubles the run: `npm run test:ui -- --trace on`.
    trace: 'off',
  },
});
