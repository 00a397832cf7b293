"""The exports of a world of the plugin's own: functions, interfaces, resources."""

import importlib
import importlib.machinery
import sys
import types
import unittest
from typing import Protocol
from abc import abstractmethod
from unittest import mock


class Exports(unittest.TestCase):
    def setUp(self):
        self.started = 0
        start = types.ModuleType('oslo_component.start')
        start.install = lambda: None
        start.start = self.start
        modules = types.ModuleType('oslo_component.modules')
        modules.complete = set

        class WitWorld(Protocol):
            @abstractmethod
            def free(self) -> str: ...

        class JobHandler(Protocol):
            @abstractmethod
            def handle(self, job: str) -> str: ...

        class Other(Protocol):
            @abstractmethod
            def ping_pong(self) -> int: ...

        class Thing(Protocol):
            @abstractmethod
            def __init__(self, x: int) -> None: ...

            @abstractmethod
            def get(self) -> int: ...

            @classmethod
            @abstractmethod
            def make(cls): ...

        world = types.ModuleType('wit_world')
        world.WitWorld = WitWorld
        exports = types.ModuleType('wit_world.exports')
        exports.__spec__ = importlib.machinery.ModuleSpec('wit_world.exports', None)
        world.__path__ = []
        handler = types.ModuleType('wit_world.exports.job_handler')
        handler.Thing = Thing
        handler.Job = str
        exports.JobHandler, exports.Other, exports.job_handler = JobHandler, Other, handler
        self.modules = {
            'wit_world': world, 'wit_world.exports': exports,
            'wit_world.exports.job_handler': handler,
            'oslo_component.start': start, 'oslo_component.modules': modules}

    def start(self):
        self.started += 1

    def exports(self, plugin):
        sys.modules.pop('oslo_component.functions', None)
        with mock.patch.dict(sys.modules, {**self.modules, 'plugin': plugin}):
            package = importlib.import_module('oslo_component')
            package.start = self.modules['oslo_component.start']
            package.modules = self.modules['oslo_component.modules']
            found = importlib.import_module('oslo_component.functions')
            self.resources = sys.modules.get('job_handler')
            return found

    def plugin(self, **names):
        plugin = types.ModuleType('plugin')

        class Thing:
            def __init__(self, x):
                self.x = x

            def get(self):
                return self.x

            @classmethod
            def make(cls):
                return cls(7)

        vars(plugin).update({
            'free': lambda: 'free', 'ping_pong': lambda: 3, 'handle': lambda job: f'did {job}',
            'Thing': Thing, **names})
        return plugin

    def test_functions_are_exported_by_their_names(self):
        exports = self.exports(self.plugin())
        self.assertEqual(exports.WitWorld().free(), 'free')
        self.assertEqual(exports.JobHandler().handle('it'), 'did it')
        self.assertEqual(exports.Other().ping_pong(), 3)
        self.assertEqual(self.started, 3)

    def test_a_class_of_the_interfaces_name_exports_it(self):
        class JobHandler:
            def __init__(self):
                self.done = []

            def handle(self, job):
                self.done.append(job)
                return f'did {self.done}'

        exports = self.exports(self.plugin(JobHandler=JobHandler))
        handler = exports.JobHandler()
        handler.handle('a')
        self.assertEqual(handler.handle('b'), "did ['a', 'b']")

    def test_resources_are_classes_whose_objects_start_the_plugin(self):
        self.exports(self.plugin())
        # The bindings look for them in a module that has the interface's name.
        self.assertEqual(self.resources.Thing(5).get(), 5)
        self.assertEqual(self.resources.Thing.make().get(), 7)
        self.assertGreaterEqual(self.started, 3)

    def test_an_interface_without_bindings_is_exported_too(self):
        class Counter:
            def __init__(self):
                self.value = 0

            def next(self):
                self.value += 1
                return self.value

        exports = self.exports(self.plugin(Counter=Counter))
        counter = exports.Counter()
        self.assertEqual([counter.next(), counter.next()], [1, 2])
        self.assertEqual(exports.Written().ping_pong(), 3)
        with self.assertRaises(AttributeError):
            exports.Written().missing()
        with self.assertRaises(AttributeError):
            exports.lower

    def test_what_is_missing_is_named(self):
        for name in ('free', 'ping_pong', 'handle', 'Thing'):
            plugin = self.plugin()
            delattr(plugin, name)
            with self.assertRaisesRegex(ImportError, f'`{name}`'):
                self.exports(plugin)

        class Thing:
            def get(self):
                return 1

        with self.assertRaisesRegex(ImportError, '`make`'):
            self.exports(self.plugin(Thing=Thing))


if __name__ == '__main__':
    unittest.main()
