"""Exceptions of the peers' own, in a module that both peers can import."""


class QuotaExceeded(Exception):
    """Has arguments and keyword arguments, both of which travel."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args)
        self.kwargs = kwargs
