"""Parts of tools/run_tests.py: counting results, running programs, and running jobs side by side."""
