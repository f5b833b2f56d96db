import type { Scenario } from '../lab.ts';
import { hidScenarios } from './hid.ts';
import { keyboard } from './keyboard.ts';
import { nativeCrash } from './native-crash.ts';
import { userScenarios } from './users.ts';

/** In the order they are run. */
export const SCENARIOS: readonly Scenario[] = [...hidScenarios, nativeCrash, keyboard, ...userScenarios];
