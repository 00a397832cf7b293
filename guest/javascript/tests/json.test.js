import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';

import { decode } from '../src/decode.js';
import { encode, JsonText, toText } from '../src/encode.js';
import { InvalidArgument, InvalidReply } from '../src/errors.js';

const refused = (value, message) => assert.throws(() => encode('args', value), (error) => {
  assert.ok(error instanceof InvalidArgument, String(error));
  assert.ok(error.message.startsWith(message), error.message);
  return true;
});

test('messages become JSON', () => {
  assert.equal(encode('args'), '{}');
  assert.equal(encode('args', { a: [1, 'é"'], b: undefined, c: null }), '{"a":[1,"é\\""],"c":null}');
  assert.equal(encode('args', { at: new Date(0) }), '{"at":"1970-01-01T00:00:00.000Z"}');
  assert.equal(encode('args', new JsonText('{"a": 1.0}')), '{"a": 1.0}');
  assert.equal(encode('args', vm.runInNewContext('({a: {b: []}})')), '{"a":{"b":[]}}');
  assert.equal(encode('args', Object.assign(Object.create(null), { a: 1 })), '{"a":1}');
  assert.equal(encode('args', { a: [2 ** 53, 1e20, 1e300, 2n ** 60n] }),
    '{"a":[9007199254740992,100000000000000000000,1e+300,1152921504606846976]}');
  assert.throws(() => new JsonText(7), InvalidArgument);
});

test('what JSON cannot carry is refused by its place', () => {
  class Server {
    name = 'one';
  }
  refused({ a: { b: [NaN] } }, '`args.a.b.0` is NaN, which JSON cannot carry');
  refused({ a: -Infinity }, '`args.a` is -Infinity,');
  refused({ a: () => 1 }, '`args.a` is a function,');
  refused({ a: [new Date(NaN)] }, '`args.a.0` is a Date that is no date, which JSON cannot carry');
  refused({ a: 2 ** 60 }, '`args.a` is 1152921504606847000, which a number does not hold to its last digit: give a bigint');
  refused({ a: -(2 ** 63) }, '`args.a` is -9223372036854776000,');
  refused({ a: Symbol('s') }, '`args.a` is Symbol(s),');
  for (const [value, name] of [
    [Promise.resolve(1), 'a Promise'], [/x/, 'a RegExp'], [new Error('no'), 'an Error'],
    [new Uint8Array(2), 'a Uint8Array'], [new ArrayBuffer(2), 'an ArrayBuffer'],
    [new Map(), 'a Map'], [new Set(), 'a Set'], [new WeakMap(), 'a WeakMap'],
    [new Server(), 'a Server'], [Object(1n), 'a BigInt'],
  ]) {
    refused({ list: [value] }, `\`args.list.0\` is ${name}, which JSON cannot carry: give it a \`toJSON\``);
  }
  refused(null, '`args` must be an object, not null');
  refused([1], '`args` must be an object, not an array');
  refused('text', '`args` must be an object, not "text"');
  refused(Promise.resolve({}), '`args` is a Promise, which JSON cannot carry');
  refused(new Date(0), '`args` must be an object, and a Date becomes "1970');
  const cycle = {};
  cycle.self = cycle;
  refused(cycle, '`args` ');
});

test('nothing is nested too deep', () => {
  const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
  refused(JSON.parse(`{"a": ${nested(1000)}}`), '`args` is nested more than 1000 levels deep');
  assert.equal(encode('args', JSON.parse(`{"a":${nested(999)}}`)), `{"a":${nested(999)}}`);
  assert.throws(() => decode(nested(1001)), /nested more than 1000 levels/);
  assert.equal(JSON.stringify(decode(nested(1000))), nested(1000));
  const wide = JSON.stringify(Array(2000).fill({ a: ['\\"[['] }));
  assert.equal(JSON.stringify(decode(wide)), wide);
});

test('integers keep their digits both ways', () => {
  for (const [text, value] of [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740993', -9007199254740993n],
    ['12345678901234567890123', 12345678901234567890123n],
    ['1.2345678901234567890', 1.2345678901234567],
    ['12345678901234567890.5', 12345678901234567890.5],
    ['1e30', 1e30],
  ]) {
    assert.deepEqual(decode(`{"a": [${text}, "s"]}`), { a: [value, 's'] });
  }
  const digits = '{"a":12345678901234567890,"n":"n12345678901234567890","s\\"n":["\\"1234567890123456789\\"","",-12345678901234567890]}';
  assert.equal(encode('args', decode(digits)), digits);
  assert.equal(toText([2n ** 64n, 'x', 1]), '[18446744073709551616,"x",1]');
  assert.equal(decode('12345678901234567890'), 12345678901234567890n);
  const named = decode('{"__proto__": "x", "a": 12345678901234567890}');
  assert.equal(Object.getOwnPropertyDescriptor(named, '__proto__').value, 'x');
  assert.equal(Object.getPrototypeOf(named), Object.prototype);
});

test('a reply that cannot be read was executed', () => {
  for (const text of [
    '{', '', '012345678901234567', '[12345678901234567890 1]', '--12345678901234567890',
    `[${'9'.repeat(5000)}]`,
  ]) {
    assert.throws(() => decode(text), (error) => {
      assert.ok(error instanceof InvalidReply, text);
      assert.equal(error.outcome, 'executed');
      assert.match(error.message, /callText gives it as text/);
      return true;
    });
  }
});
