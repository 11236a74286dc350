"""`python -m forebay.spark ...`, and the file that spark-submit is given."""

import sys

if not __package__:
    # Run as a file: modules must not be imported from its own directory.
    sys.path.pop(0)

from forebay.spark.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
