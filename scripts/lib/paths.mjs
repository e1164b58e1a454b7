// Paths of the project.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The crate that is compiled to the engine of the page. */
export const wasmCrate = join(root, 'crates/wasm');

/** The target folder of cargo. */
export const targetDir = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');

/** The built engines, served as they are (they must not go through the bundler). */
export const engineDir = join(root, 'web/public/engine');

/** The built page. */
export const distDir = join(root, 'dist');

/**
 * Tools and toolchains that the setup compiles: kept per user, so that setting up a second clone
 * takes seconds.
 */
export const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'clearpipe');
