"""python -m tests.projects"""

import sys

from tests.projects.runner import main

sys.exit(main())
