"""`python -m forebay.spark ...`, and the file that spark-submit is given."""

import sys

from forebay.spark.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
