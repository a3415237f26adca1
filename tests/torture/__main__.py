"""python -m tests.torture"""

import sys

from tests.torture.runner import main

sys.exit(main())
