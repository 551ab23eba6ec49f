"""`python -m hutong`: the command line."""

from hutong.cli import main

if __name__ == "__main__":
    main()
