"""oslo.service with threads. Who asks first decides, and whoever says nothing gets eventlet."""

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)
