//! `sotay`: one binary that serves the handbook and keeps it.
//!
//! Commands are in `commands/`, one file each; `wiring` lists the rooms; `config` reads settings.
//! Business rules live in rooms. Exit codes: 0 all well, 1 it failed, 2 wrong use, 3 some input refused or
//! something found wrong, 4 stopped by Ctrl-C before the end.

mod alone;
mod backup;
mod commands;
mod config;
mod demo;
mod door;
mod house;
mod key;
mod log;
mod owner;
mod progress;
mod real;
mod serve;
mod stored;
mod tally;
mod tongue;
mod wiring;

#[cfg(test)]
mod tests;

use kernel::said;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    owner::keep_to_ourselves();
    // The child that opens hostile files must start before anything else is set up.
    if std::env::args().nth(1).as_deref() == Some(files::worker::CHILD_COMMAND) {
        return files::child_main(&wiring::jobs());
    }
    begin_again_with_a_small_heap();
    tongue::choose();
    let line = match tongue::line::read::<commands::Line>(std::env::args_os()) {
        Ok(line) => line,
        Err(ends) => return ends,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => {
            tongue::complain(said!("cannot start: {}", cause));
            return ExitCode::from(1);
        }
    };
    runtime.block_on(commands::run(line))
}

/// The allocator reads its options from the environment before `main`, and by default takes memory
/// for a whole arena at once: 13 MB more at rest on the demo. So the program replaces itself once
/// with the option set; the process number stays. When that fails it goes on as it is.
fn begin_again_with_a_small_heap() {
    use std::os::unix::process::CommandExt as _;
    const OPTION: &str = "MIMALLOC_ARENA_EAGER_COMMIT";
    if std::env::var_os(OPTION).is_some() {
        return;
    }
    if let Ok(exe) = std::env::current_exe() {
        // Comes back only when it failed, and then nothing is lost but some memory.
        let _failed = std::process::Command::new(exe)
            .args(std::env::args_os().skip(1))
            .env(OPTION, "0")
            .exec();
    }
}
