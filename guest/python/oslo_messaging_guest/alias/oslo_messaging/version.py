"""Upstream's module of this name."""


class VersionInfo:
    """The release whose names this package has. There is no such distribution in a plugin."""

    def __init__(self, package: str) -> None:
        self.package = package

    def release_string(self) -> str:
        """The whole version."""
        return '18.3.1'

    def version_string(self) -> str:
        """The same, because it is a release."""
        return self.release_string()

    def __str__(self) -> str:
        return self.release_string()


version_info = VersionInfo('oslo.messaging')
