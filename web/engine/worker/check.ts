// Checks a configuration with the engine. Returns problems that the page can show beside settings.

import { findProblems, problemsOf } from '../problems';
import type { Problem } from '../problems';
import type { PartialConfig } from '../partial';
import type { EngineModule } from './module';

export function problemsIn(module: EngineModule, config: PartialConfig): Problem[] {
  return findProblems(config, (part) => {
    try {
      module.checkConfig(part);
      return [];
    } catch (error) {
      return problemsOf(error) ?? [String(error)];
    }
  });
}
