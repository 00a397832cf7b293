"""Standard output and error of a plugin."""

import contextlib
import tracemalloc
import unittest
from unittest import mock

from oslo_messaging_guest import _wit, failure
from oslo_component import streams


class Streams(unittest.TestCase):
    def stream(self, interfaces, err=None):
        before = _wit.play(_wit.Host(interfaces, err, is_live=True))
        self.addCleanup(_wit.play, before)
        return streams._text('stderr')

    def test_what_the_world_hears_is_written_in_pieces(self):
        host = mock.Mock()
        stream = self.stream({'cli_stderr': host})
        print('half \ud83d', 'x' * 5000, file=stream)
        stream.flush()
        written = [it.args[0] for it in host.get_stderr().blocking_write_and_flush.mock_calls]
        self.assertEqual(b''.join(written), b'half \\ud83d ' + b'x' * 5000 + b'\n')
        self.assertLessEqual(max(map(len, written)), 4096)

    def test_a_stream_that_the_host_closed_is_a_broken_pipe(self):
        class Err(Exception):
            pass

        host = mock.Mock()
        host.get_stderr().blocking_write_and_flush.side_effect = Err('closed')
        stream = self.stream({'cli_stderr': host}, Err)
        with self.assertRaises(BrokenPipeError):
            print('one', file=stream, flush=True)
        with contextlib.redirect_stderr(stream):
            failure.report('It was not handled:', ValueError('two'))
        # What is left in its buffers would be tried again at its end.
        host.get_stderr().blocking_write_and_flush.side_effect = None

    def test_what_nobody_hears_is_not_kept(self):
        stream = self.stream({})
        text = 'half \ud83d ' + 'x' * 10_000
        print(text, file=stream)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        for _ in range(200):
            print(text, file=stream)
        self.assertLess(tracemalloc.get_traced_memory()[0], 500_000)


if __name__ == '__main__':
    unittest.main()
