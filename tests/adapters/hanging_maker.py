"""A maker of packs that never comes to an end, nor does what it has started; it says who both are."""

import os
import sys
import time

if __name__ == "__main__":
    helper = os.fork()
    if helper:
        sys.stdout.write(f"{os.getpid()} {helper}\n")
        sys.stdout.flush()
    time.sleep(600)
