"""Released modules of OpenStack, unmodified, over a transport that is played.

They need the packages of `requirements.txt` in this folder, and a process of their own.
"""

from oslo_messaging_guest import testing

testing.use_alias()
