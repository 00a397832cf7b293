import clock from 'wasi:clocks/monotonic-clock@0.2.12';

/** Milliseconds since some moment, which never run backwards. */
export const performance = { now: () => Number(clock.now()) / 1e6 };
