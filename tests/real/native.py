"""The calls of `clients/calls.py` as a service itself makes them: `native.py CLIENT SERVICE FILE`."""

import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE / 'clients'), str(HERE.parents[1] / 'guest/python/tests/sdk')]

import calls

if __name__ == '__main__':
    calls.run(*sys.argv[1:])
