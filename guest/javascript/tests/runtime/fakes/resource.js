/** A resource of the host, whose functions say what they were given. */
export class Resource {
  static open = 0;

  constructor(fields) {
    Resource.open += 1;
    for (const [name, value] of Object.entries(fields)) {
      this[name] = () => value;
    }
  }

  [Symbol.dispose]() {
    Resource.open -= 1;
  }
}
