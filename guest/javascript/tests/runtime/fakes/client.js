/** Clients that count what is open, and take names that say how calls end. */
export const open = { clients: 0, options: 0, pendings: 0 };

class Counted {
  #kind;

  constructor(kind) {
    this.#kind = kind;
    open[kind] += 1;
  }

  [Symbol.dispose]() {
    open[this.#kind] -= 1;
  }
}

class Options extends Counted {
  constructor() {
    super('options');
  }

  setTimeout(value) {
    this.timeout = value;
  }

  setTopic() {}
}

class Client extends Counted {
  constructor() {
    super('clients');
  }

  static open() {
    return opened();
  }

  prepare() {
    return opened();
  }
}

/** With more than three the plugin has to collect its garbage. */
function opened() {
  if (open.clients >= 3) {
    const val = { limit: 'clients', message: 'no more than 3 clients' };
    throw Object.assign(new Error(), { payload: { tag: 'limit-exceeded', val } });
  }
  return new Client();
}

export { Counted };
export default { Client, Options };
