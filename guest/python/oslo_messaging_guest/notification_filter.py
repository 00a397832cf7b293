"""Which notifications an endpoint wants."""

import re
from typing import Any

from .values import required_text


class NotificationFilter:
    """Regular expressions that all have to match, from the beginning of a text, as upstream's.

    An endpoint has it as its `filter_rule`. What is not a text, or not there, does not match.
    """

    def __init__(self, context: dict[str, str] | None = None, publisher_id: str | None = None,
                 event_type: str | None = None, metadata: dict[str, str] | None = None,
                 payload: dict[str, str] | None = None) -> None:
        """
        :param context: expressions for values of the context, by name
        :param metadata: for `message_id` and `timestamp`
        :param payload: for values of the payload, which has to be a dictionary then
        :raises re.error: for what is no regular expression
        """
        self._publisher_id = None if publisher_id is None else re.compile(publisher_id)
        self._event_type = None if event_type is None else re.compile(event_type)
        self._context = _compiled(context)
        self._metadata = _compiled(metadata)
        self._payload = _compiled(payload)

    def match(self, context: Any, publisher_id: Any, event_type: Any, metadata: Any,
              payload: Any) -> bool:
        """Whether the endpoint wants a notification of these parts."""
        return (_matches(publisher_id, self._publisher_id)
                and _matches(event_type, self._event_type)
                and _all_match(context, self._context)
                and _all_match(metadata, self._metadata)
                and _all_match(payload, self._payload))

    def tell(self, rule: Any, is_as_sent: bool = True) -> None:
        """Says the same to a filter of the host.

        :param is_as_sent: whether contexts and payloads are matched as they were sent; if not, nothing
                           is said of them
        :raises InvalidArgument: for an expression or a name that is no text
        """
        if self._publisher_id is not None:
            rule.set_publisher_id(_text('publisher_id', self._publisher_id))
        if self._event_type is not None:
            rule.set_event_type(_text('event_type', self._event_type))
        for part in ('context', 'metadata', 'payload') if is_as_sent else ('metadata',):
            for name, regex in getattr(self, f'_{part}').items():
                getattr(rule, f'add_{part}')(required_text(part, name), _text(part, regex))


def _compiled(regexes: dict[str, str] | None) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(regex) for name, regex in (regexes or {}).items()}


def _matches(value: Any, regex: re.Pattern[str] | None) -> bool:
    return regex is None or (isinstance(value, str) and regex.match(value) is not None)


def _all_match(values: Any, regexes: dict[str, re.Pattern[str]]) -> bool:
    return not regexes or (isinstance(values, dict) and all(
        name in values and _matches(values[name], regex) for name, regex in regexes.items()))


def _text(name: str, regex: re.Pattern[str]) -> str:
    # A compiled one may have been given, with flags that its text does not show.
    flags = ''.join(letter for letter, flag in _FLAGS.items() if regex.flags & flag)
    return (f'(?{flags})' if flags else '') + required_text(name, regex.pattern)


_FLAGS = {'i': re.IGNORECASE, 'm': re.MULTILINE, 's': re.DOTALL, 'x': re.VERBOSE}
