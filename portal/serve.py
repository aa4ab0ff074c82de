"""The WSGI application of an installed portal, made from the environment: what `portal run` serves."""

import gc
import os

from portal.app import create_app
from portal.config import Settings

app = create_app(Settings.from_environment(os.environ))

# What stands now stays for good: the collector need not walk it again and again, nor write to pages that the web
# processes share.
gc.collect()
gc.freeze()
