// The built page opened as a file: it can't run there, and says what can.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import { distDir } from '../../scripts/lib/paths.mjs';
import { engineStarted } from './steps';

test('opened as a file, the page says how to start it', async ({ page }) => {
  await page.goto(pathToFileURL(join(distDir, 'index.html')).href);
  await expect(page.getByText('doesn’t run from this file')).toBeVisible();
  await expect(page.getByText('npm start')).toBeVisible();
  await page.getByRole('link', { name: 'clearpipe.html' }).click();
  await engineStarted(page);
});
