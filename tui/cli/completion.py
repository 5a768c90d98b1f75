"""aftersend completion."""

from __future__ import annotations

import click

from tui.cli.group import COMPLETE_VARIABLE

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    bash: eval "$(aftersend completion bash)" in ~/.bashrc; zsh: the same in ~/.zshrc;
    fish: aftersend completion fish > ~/.config/fish/completions/aftersend.fish
    """
    from click.shell_completion import get_completion_class

    root = ctx.find_root().command
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(
        kind(root, {}, "aftersend", COMPLETE_VARIABLE).source_template
        % kind(root, {}, "aftersend", COMPLETE_VARIABLE).source_vars()
    )
