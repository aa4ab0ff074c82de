"""The WSGI application of an installed portal, made from the environment: what `portal run` serves."""

import os

from portal.app import create_app
from portal.config import Settings

app = create_app(Settings.from_environment(os.environ))
