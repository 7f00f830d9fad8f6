"""A site's own driver with a client of its own, whose commands only Python has."""

import click
from jumpstarter.client import DriverClient
from jumpstarter.driver import Driver, export


class Greeter(Driver):
    """Greets."""

    @classmethod
    def client(cls) -> str:
        return "site_greeter.GreeterClient"

    @export
    def greet(self, name: str) -> str:
        return f"hello {name}"


class GreeterClient(DriverClient):
    """The commands of the greeter."""

    def cli(self):
        @click.group()
        def base():
            """Greet people."""

        @base.command()
        @click.argument("name")
        @click.option("--loud", is_flag=True)
        @click.pass_context
        def greet(ctx, name, loud):
            text = self.call("greet", name)
            click.echo(text.upper() if loud else text)
            ctx.exit(3 if loud else 0)

        return base
