/** The declarations say what the code is, in both directions. */
import * as code from '../../src/index.js';
import * as testingCode from '../../testing/index.js';
import type * as declared from '../../types/index.js';
import type * as testing from '../../types/testing.js';

declare const index: typeof declared;
declare const forTests: typeof testing;

export const written: typeof declared = code;
export const back: typeof code = index;
export const writtenForTests: typeof testing = testingCode;
export const backForTests: typeof testingCode = forTests;
