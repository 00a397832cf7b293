/** Serves the endpoints of `tests/python/served_endpoints.py`. */
import { Exception, expectedExceptions, openClient, takes } from 'oslo-messaging-guest';

/** An error of this plugin's own, which its caller gets as an exception that its peers know. */
class NotThere extends Exception {
  constructor(what) {
    super({ typeName: 'LookupError', message: `no such ${what}` });
  }
}

class First {
  target = { version: '1.5' };

  #counted = 0;

  echo = takes('value')((_, { value }) => value);

  add = takes('a', 'b')((_, { a, b }) => a + b);

  relay = takes('topic', 'name', 'args')(async (context, { topic, name, args }) => (
    openClient({ topic }).call(context, name, args)
  ));

  fail_expected = expectedExceptions(NotThere)(() => {
    throw new NotThere('thing');
  });

  none() {}

  count() {
    this.#counted += 1;
    return this.#counted;
  }

  context(context) {
    return context;
  }

  monitored(_context, _args, { callMonitorTimeout }) {
    return callMonitorTimeout;
  }

  whoami(_context, _args, { servedBy }) {
    return servedBy.server;
  }

  which() {
    return '1.5';
  }

  quota(_, { resource, limit }) {
    throw new Exception({
      typeModule: 'peer_errors', typeName: 'QuotaExceeded', message: `('quota exceeded', '${resource}')`,
      args: ['quota exceeded', resource], kwargs: { limit },
    });
  }

  fail_value() {
    throw new Exception({ typeName: 'ValueError', message: "('boom', 42)", args: ['boom', 42] });
  }

  _private() {
    return 'nobody can call this';
  }
}

const named = {
  target: { namespace: 'ns', legacyNamespaces: ['old'], version: '2.1' },
  hello: takes('who')((_, { who }) => `hello ${who}`),
};

const second = {
  target: { version: '2.3' },
  which: () => '2.3',
};

export const endpoints = [new First(), named, second];
