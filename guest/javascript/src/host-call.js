import { client as host } from '#host';

import { fromHost, LimitExceeded } from './errors.js';

/**
 * Makes the errors that the host returns into this package's.
 * @template R
 * @param {() => R} action
 * @returns {R}
 */
export function attempt(action) {
  try {
    return action();
  } catch (error) {
    throw fromHost(error);
  }
}

/**
 * Options of the host, for it to have back soon.
 * @param {[setter: string, value: any][]} settings
 */
export function hostOptions(settings) {
  /** @type {any} */
  const options = new host.Options();
  for (const [setter, value] of settings) {
    options[setter](value);
  }
  return options;
}

/**
 * Does something with options of the host, which has them back when it is done.
 * @template R
 * @param {any} options
 * @param {(options: any) => R} action
 * @returns {R}
 */
export function withOptions(options, action) {
  try {
    return attempt(() => action(options));
  } finally {
    options?.[Symbol.dispose]();
  }
}

/**
 * A client of the host.
 * @param {[setter: string, value: any][]} settings
 * @param {(options: any) => any} action
 */
export function open(settings, action) {
  return retried(() => withOptions(hostOptions(settings), action));
}

/**
 * Opens something. What nobody uses goes back to the host when garbage is collected, and the collector
 * does not know that it is scarce.
 * @param {() => any} action
 */
export function retried(action) {
  try {
    return action();
  } catch (error) {
    // A hook of the engine's own, which others and later ones need not have.
    const collect = /** @type {any} */ (globalThis).__cqjs?.runGc;
    if (!(error instanceof LimitExceeded) || typeof collect !== 'function') {
      throw error;
    }
    collect();
    return action();
  }
}
