//! `pingan completions SHELL`

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use pingan::Result;

use super::{Cli, Common, Status, print};

/// Completions for bash, zsh, fish
#[derive(Args)]
pub struct CompletionsArgs {
    shell: Shell,
}

pub fn run(_: &Common, args: &CompletionsArgs) -> Result<Status> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pingan", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(Status::Done)
}
