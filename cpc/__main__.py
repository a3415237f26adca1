"""`python -m cpc`."""

import sys

from cpc.cli import main

sys.exit(main())
