"""Tests of the SDK, which need no component. Each folder is for a process of its own::

    python -m unittest discover -t . -s tests/sdk -p '*_test.py'
    python -m unittest discover -t . -s tests/alias -p '*_test.py'

`modules` needs the packages of its `requirements.txt`; `cargo xtask test --released-modules` has them.
"""
