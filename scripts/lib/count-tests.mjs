// Counts the passed and failed tests in the output of test runners.

/**
 * Counts the tests of cargo and of wasm-bindgen's runner, which print one line for each test
 * binary.
 * @param {string} output
 */
export function countTests(output) {
  let passed = 0;
  let failed = 0;
  for (const [, ok, bad] of output.matchAll(/^test result: .*?(\d+) passed; (\d+) failed/gm)) {
    passed += Number(ok);
    failed += Number(bad);
  }
  return { passed, failed };
}

/**
 * Counts the tests of Vitest ("Tests  1 failed | 2 passed (3)") and of Playwright ("  2 passed
 * (3.1s)").
 * @param {string} output
 */
export function countWebTests(output) {
  const summary = output.match(/^ *Tests .*$/m)?.[0] ?? output;
  /** @param {string} what */
  const last = (what) =>
    Number([...summary.matchAll(new RegExp(`(\\d+) ${what}`, 'g'))].at(-1)?.[1] ?? 0);
  return { passed: last('passed'), failed: last('failed') };
}
