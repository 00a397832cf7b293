"""Tests of the package that has upstream's name, in a process of their own."""

from oslo_messaging_guest import testing

testing.use_alias()
