// Checks a configuration with the engine.

import { problemsOf } from '../problems';
import type { EngineProblem } from '../problems';
import type { PartialConfig } from '../partial';
import type { EngineModule } from './module';

/**
 * Returns all problems of a configuration.
 *
 * @throws what the engine throws if it isn't about the configuration
 */
export function problemsIn(module: EngineModule, config: PartialConfig): EngineProblem[] {
  try {
    module.checkConfig(config);
    return [];
  } catch (error) {
    const problems = problemsOf(error);
    if (!problems) throw error;
    return problems;
  }
}
