//! `sotay`: one binary that serves the handbook and keeps it.
//!
//! Commands are in `commands/`, one file each; `wiring` lists the rooms; `config` reads settings.
//! Business rules live in rooms. Exit codes: 0 all well, 1 it failed, 2 wrong use, 3 some input refused.

mod backup;
mod commands;
mod config;
mod demo;
mod house;
mod progress;
mod real;
mod serve;
mod wiring;

#[cfg(test)]
mod tests;

use clap::Parser as _;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The child that opens hostile files must start before anything else is set up.
    if std::env::args().nth(1).as_deref() == Some(files::worker::CHILD_COMMAND) {
        return files::child_main(&wiring::jobs());
    }
    let line = commands::Line::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => {
            eprintln!("sotay: cannot start: {cause}");
            return ExitCode::from(1);
        }
    };
    runtime.block_on(commands::run(line))
}
