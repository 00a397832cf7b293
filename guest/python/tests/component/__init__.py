"""Tests of what the build puts around a plugin, with interfaces that stand for bindings."""
