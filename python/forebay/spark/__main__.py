"""`python -m forebay.spark ...`, and the file that spark-submit is given."""

import sys

if not __package__:
    # Run as a file: its own directory is no place to look for modules in.
    sys.path.pop(0)

from forebay.spark.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
