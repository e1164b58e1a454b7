// The engine's check of a configuration, as problems that the page can put beside its settings.

import type { EngineModule } from './module';
import { findProblems, problemsOf } from '../problems';
import type { Problem } from '../problems';
import type { PartialConfig } from '../protocol';

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
