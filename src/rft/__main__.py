"""`python -m rft` is `rft`."""

from rft.cli import main

main()
