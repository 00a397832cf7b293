"""Whether a method was executed whose call or cast did not succeed."""

import enum


class Outcome(enum.StrEnum):
    """The one question that decides whether a message may be sent again."""

    #: It was not executed and will not be: sending it again is safe.
    NOT_EXECUTED = 'not-executed'
    #: It may be executed, now or later, or not at all.
    UNKNOWN = 'unknown'
    #: It was executed, or a server looked for it and said why it cannot be.
    EXECUTED = 'executed'


def outcome_of(error: BaseException) -> Outcome | None:
    """Whether the method was executed whose call raised this, whatever its class.

    A remote exception that was rebuilt as its own class, and what a serializer raised, are known
    too. None: this exception has nothing to do with a call, or nothing is known; then do not send
    again what must not be executed twice.
    """
    for name in (_MARK, 'outcome'):
        known = getattr(error, name, None)
        if isinstance(known, Outcome):
            return known
    return None


def mark(error: BaseException, outcome: Outcome, note: str = '') -> None:
    """Remembers what is known about the call that an exception of any class ended.

    It wins over what the exception says of itself: a serializer may have made a call of its own.
    """
    try:
        setattr(error, _MARK, outcome)
        if isinstance(getattr(error, 'outcome', None), Outcome):
            setattr(error, 'outcome', outcome)
    except AttributeError:
        # A class without room for it: nothing is known then.
        return
    if note:
        error.add_note(note)


_MARK = '_oslo_messaging_outcome'
