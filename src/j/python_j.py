"""Runs the commands of a driver's client, where the official command `j` is not installed."""
import sys

import click
from jumpstarter.utils.env import env

try:
    with env() as client:
        result = client.cli()(sys.argv[1:], prog_name="j", standalone_mode=False)
except click.exceptions.Exit as end:
    result = end.exit_code
except click.ClickException as problem:
    problem.show()
    result = 1
except (KeyboardInterrupt, click.Abort):
    result = 130
except Exception as problem:
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    print(f"Error: {problem or type(problem).__name__}", file=sys.stderr)
    result = 1
sys.exit(result if isinstance(result, int) else 0)
