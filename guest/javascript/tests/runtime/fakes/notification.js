/** A filter that keeps what it is told. */
class Filter {
  said = [];
}
for (const name of [
  'addPriority', 'setPublisherId', 'setEventType', 'addContext', 'addMetadata', 'addPayload',
]) {
  Filter.prototype[name] = function tell(...words) {
    this.said.push([name, ...words]);
  };
}

export default { Filter };
