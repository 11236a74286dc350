"""The program."""

import sys

from forebay.producer.program import main

sys.exit(main())
