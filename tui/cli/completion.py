"""aftersend completion."""

from __future__ import annotations

import click

from tui.cli.group import COMPLETE_VARIABLE

SHELLS = ("bash", "zsh", "fish")


_HELP = """\
Print the completion script for a shell.

\b
bash, in ~/.bashrc: eval "$(aftersend completion bash)"
zsh, in ~/.zshrc:   eval "$(aftersend completion zsh)"
fish, once:         aftersend completion fish > \\
                      ~/.config/fish/completions/aftersend.fish
"""


@click.command("completion", help=_HELP)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "aftersend", COMPLETE_VARIABLE)
    # ShellComplete.source() would start a bash to ask for its version.
    click.echo(script.source_template % script.source_vars())
