// The built page opened as a file: it can't run there, and says how it does.

import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

test('opened as a file, the page says how to start it', async ({ page }) => {
  const path = fileURLToPath(new URL('../../dist/index.html', import.meta.url));
  await page.goto(`file://${path}`);
  await expect(page.getByText('doesn’t run from a file')).toBeVisible();
  await expect(page.getByText('npm start')).toBeVisible();
});
