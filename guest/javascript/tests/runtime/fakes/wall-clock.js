export default { now: () => ({ seconds: 86_400n, nanoseconds: 7_000_000 }) };
