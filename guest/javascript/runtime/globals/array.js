/** `Array.fromAsync`, because the engine's own is on promises whose jobs never run. */
export async function __arrayFromAsync(items, change, self) {
  const result = [];
  const isIterable = items[Symbol.asyncIterator] !== undefined || items[Symbol.iterator] !== undefined;
  for await (const item of isIterable ? items : Array.from(items)) {
    result.push(change === undefined ? item : await change.call(self, item, result.length));
  }
  return result;
}
