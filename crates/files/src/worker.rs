//! Parsing hostile files in a child process of the same binary.
//!
//! The parent starts `exe worker-child`, writes one JSON line for each job on its standard
//! input and reads the answer from a file in the job's output folder; whatever the parser
//! prints is noise. The child puts walls around itself (`walls`) and limits itself before it
//! touches an input, sees nothing but its room (the input and an empty output folder), and dies when
//! its parent does. Not here: what the jobs do (`intake`, `books`), which jobs exist (`app`).
//! Surprise: one child may serve many inputs (`Session`); a crash costs only the input it
//! worked on, the next one gets a new child.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, Write};
use std::os::unix::fs::FileExt as _;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, Signal};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

use crate::walls;

/// The hidden subcommand that `app` answers with [`child_main`].
pub const CHILD_COMMAND: &str = "worker-child";

/// The file in the output folder that carries a job's answer; gone when `run` returns.
const ANSWER_FILE: &str = ".worker-answer.json";
/// The variable that names the child's room.
const ROOM: &str = "SOTAY_CHILD_ROOM";
/// The variable that asks a child to say what its walls lack, and end.
const ASKED: &str = "SOTAY_CHILD_WALLS";
/// What stands before each of those sentences.
const WITHOUT: &str = "worker-child-without: ";
/// What stands below them.
const ALL_SAID: &str = "worker-child-walls-said";
/// Printed by the child when an answer lies ready. A forged one is harmless: the parent
/// then looks for the answer file, finds none and goes on waiting.
const READY_LINE: &str = "\nworker-answer-ready\n";
/// A child is replaced after so many jobs, so that what a parser leaks stays small.
const JOBS_PER_CHILD: u32 = 200;
/// How often the size of the output folder is looked at while a job runs.
const OUTPUT_CHECK: Duration = Duration::from_millis(250);
/// Stack of the parsing thread; deep nesting is a usual attack and a usual accident.
const JOB_STACK_BYTES: usize = 16 << 20;
/// At most so much of what a child says on standard error is kept for the log.
const STDERR_KEPT_BYTES: usize = 4096;

/// What one job may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Seconds on the clock, and as many of processor time.
    pub wall_s: u64,
    /// Bytes that the job may allocate beyond what the bare program needs.
    pub memory_bytes: u64,
    /// Bytes that the job may leave in its output folder, and the size of one file there.
    pub output_bytes: u64,
}

impl Default for Limits {
    /// 60 seconds, 512 MiB of memory, 512 MiB of output: ten times what the largest honest
    /// book or spreadsheet that we have met needs.
    fn default() -> Self {
        Limits {
            wall_s: 60,
            memory_bytes: 512 << 20,
            output_bytes: 512 << 20,
        }
    }
}

/// Why a job could not read its input: said by the job itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobTrouble {
    /// Key of the sentence for the person who brought the file, such as
    /// `intake.refused.encrypted`.
    pub key: String,
    /// Words for the log and the import report; may be empty.
    pub detail: String,
}

impl JobTrouble {
    /// A trouble from its key and its detail.
    pub fn new(key: impl Into<String>, detail: impl Into<String>) -> Self {
        JobTrouble {
            key: key.into(),
            detail: detail.into(),
        }
    }
}

/// Why a job has no answer. The input is refused, everything else goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkerRefusal {
    /// It did not end in time (seconds allowed).
    #[error("not done after {wall_s} s")]
    TooSlow {
        /// The limit that was passed.
        wall_s: u64,
    },
    /// It wanted more memory or more output than allowed.
    #[error("more {what} than allowed")]
    TooBig {
        /// `memory` or `output`.
        what: &'static str,
    },
    /// The parser fell over: a panic, a stack overflow, a signal.
    #[error("the parser fell over: {detail}")]
    Crashed {
        /// For the log.
        detail: String,
    },
    /// The job looked at the input and refused it.
    #[error("{key}: {detail}")]
    Unreadable {
        /// Key of the sentence.
        key: String,
        /// For the log and the report.
        detail: String,
    },
    /// No child could be started or spoken to: the operator must act, not the visitor.
    #[error("no worker: {detail}")]
    Unavailable {
        /// For the log.
        detail: String,
    },
}

impl WorkerRefusal {
    /// Key of the translated sentence for the person who brought the file.
    pub fn key(&self) -> &str {
        match self {
            WorkerRefusal::TooSlow { .. } => "files.refused.too_slow",
            WorkerRefusal::TooBig { .. } => "files.refused.too_big",
            WorkerRefusal::Crashed { .. } => "files.refused.crashed",
            WorkerRefusal::Unreadable { key, .. } => key,
            WorkerRefusal::Unavailable { .. } => "files.refused.unavailable",
        }
    }

    /// Words for the log and the import report, in English.
    pub fn detail(&self) -> String {
        self.to_string()
    }

    fn unavailable(doing: &str, cause: impl std::fmt::Display) -> Self {
        WorkerRefusal::Unavailable {
            detail: format!("{doing}: {cause}"),
        }
    }
}

/// A job: reads the input file, may write files into the output folder, answers with JSON.
pub type Job = fn(&Path, &Path, &Value) -> Result<Value, JobTrouble>;

/// The jobs that a child can do, by name. Filled by `app`.
#[derive(Clone, Default)]
pub struct Jobs(BTreeMap<&'static str, Job>);

impl Jobs {
    /// No jobs.
    pub fn new() -> Self {
        Jobs::default()
    }

    /// Adds a job; the name is `crate.what`, such as `intake.document`.
    pub fn add(&mut self, name: &'static str, job: Job) -> &mut Self {
        self.0.insert(name, job);
        self
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    fn run(&self, request: &Request) -> Answer {
        let Some(job) = self.0.get(request.job.as_str()) else {
            return Answer::Trouble(JobTrouble::new(
                "files.refused.unknown_job",
                request.job.clone(),
            ));
        };
        let work = || job(&request.input, &request.out_dir, &request.args);
        match std::panic::catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(value)) => Answer::Value(value),
            Ok(Err(trouble)) => Answer::Trouble(trouble),
            Err(panic) => Answer::Panic(panic_text(panic.as_ref())),
        }
    }
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Request {
    job: String,
    input: PathBuf,
    out_dir: PathBuf,
    args: Value,
    limits: Limits,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Value(Value),
    Trouble(JobTrouble),
    Panic(String),
}

impl Answer {
    fn into_result(self) -> Result<Value, WorkerRefusal> {
        match self {
            Answer::Value(value) => Ok(value),
            Answer::Trouble(JobTrouble { key, detail }) => {
                Err(WorkerRefusal::Unreadable { key, detail })
            }
            Answer::Panic(detail) => Err(WorkerRefusal::Crashed { detail }),
        }
    }
}

/// Runs jobs, each input for itself. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Worker(Arc<Place>);

#[derive(Debug)]
enum Place {
    Here {
        jobs: Jobs,
        limits: Limits,
    },
    Child {
        exe: PathBuf,
        arguments: Vec<String>,
        limits: Limits,
    },
}

impl Worker {
    /// Runs jobs on a thread of this process: panics are caught and the time limit holds,
    /// memory is **not** bounded and a job past its time runs on. For tests.
    pub fn in_process(jobs: Jobs) -> Self {
        Worker(Arc::new(Place::Here {
            jobs,
            limits: Limits::default(),
        }))
    }

    /// Runs jobs in children started as `exe worker-child`. `exe` is this program's own
    /// path, so both sides know the same jobs.
    pub fn child(exe: PathBuf, limits: Limits) -> Self {
        Worker::child_with(exe, [CHILD_COMMAND.to_owned()], limits)
    }

    /// As [`Worker::child`] with other arguments, for a program that reaches
    /// [`child_main`] in another way (a test binary).
    pub fn child_with(
        exe: PathBuf,
        arguments: impl IntoIterator<Item = String>,
        limits: Limits,
    ) -> Self {
        Worker(Arc::new(Place::Child {
            exe,
            arguments: arguments.into_iter().collect(),
            limits,
        }))
    }

    /// Runs one job in a child of its own. `out_dir` must exist and should be empty and
    /// used for nothing else. Dropping the future kills the child.
    ///
    /// # Errors
    /// A refusal of this input; the next call is not affected.
    pub async fn run(
        &self,
        job: &str,
        input: &Path,
        out_dir: &Path,
        args: Value,
    ) -> Result<Value, WorkerRefusal> {
        self.session().run(job, input, out_dir, args).await
    }

    /// What this system cannot put around a child that opens hostile files, in words for the operator;
    /// empty when nothing is missing. Starts one to ask it.
    ///
    /// # Errors
    /// When no child could be started.
    pub async fn missing_walls(&self) -> Result<Vec<String>, WorkerRefusal> {
        let Place::Child { exe, arguments, .. } = &*self.0 else {
            return Ok(vec!["a process of its own".to_owned()]);
        };
        let lost =
            |cause: &dyn std::fmt::Display| WorkerRefusal::unavailable("asking a child", cause);
        let room = Room::new().map_err(|cause| lost(&cause))?;
        let asked = command(exe, arguments, &room)
            .env(ASKED, "1")
            .stdin(Stdio::null())
            .output();
        let output = asked.await.map_err(|cause| lost(&cause))?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !said.contains(ALL_SAID) {
            return Err(lost(&format!("{}", output.status)));
        }
        let without = said.lines().filter_map(|line| line.split_once(WITHOUT));
        Ok(without.map(|(_, what)| what.to_owned()).collect())
    }

    /// A session: one child for many inputs, one after the other.
    pub fn session(&self) -> Session {
        Session {
            place: Arc::clone(&self.0),
            child: None,
        }
    }
}

/// One child for many inputs in a row, for imports. A child that crashed, hung or swelled
/// is replaced before the next input.
#[derive(Debug)]
pub struct Session {
    place: Arc<Place>,
    child: Option<Running>,
}

impl Session {
    /// As [`Worker::run`], in this session's child.
    ///
    /// # Errors
    /// A refusal of this input; the session can be used for the next one.
    pub async fn run(
        &mut self,
        job: &str,
        input: &Path,
        out_dir: &Path,
        args: Value,
    ) -> Result<Value, WorkerRefusal> {
        match &*self.place {
            Place::Here { jobs, limits } => {
                let request = Request {
                    job: job.to_owned(),
                    input: input.to_owned(),
                    out_dir: out_dir.to_owned(),
                    args,
                    limits: *limits,
                };
                run_here(jobs.clone(), request).await
            }
            Place::Child {
                exe,
                arguments,
                limits,
            } => {
                // Taken out while it works: if this future is dropped, so is the child.
                let mut running = match self.child.take() {
                    Some(running) => running,
                    None => Running::start(exe, arguments)?,
                };
                let request = Request {
                    job: job.to_owned(),
                    input: running.room.take_in(input).await?,
                    out_dir: running.room.out(),
                    args,
                    limits: *limits,
                };
                let answer = running.run(&request).await?;
                if matches!(answer, Answer::Value(_)) {
                    running.room.hand_over(out_dir).await?;
                }
                if running.jobs_done < JOBS_PER_CHILD && !matches!(answer, Answer::Panic(_)) {
                    self.child = Some(running);
                }
                answer.into_result()
            }
        }
    }
}

/// The two folders of a child: what it reads, what it writes.
#[derive(Debug)]
struct Room(tempfile::TempDir);

impl Room {
    fn new() -> std::io::Result<Self> {
        let room = Room(tempfile::Builder::new().prefix("sotay-child-").tempdir()?);
        std::fs::create_dir(room.inside())?;
        std::fs::create_dir(room.out())?;
        Ok(room)
    }
    fn inside(&self) -> PathBuf {
        self.0.path().join("in")
    }
    fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    /// Empties the room and lays an input into it, under its own name; answers where. One that cannot be
    /// read is not laid: the job says so, as of any other.
    async fn take_in(&self, input: &Path) -> Result<PathBuf, WorkerRefusal> {
        let (inside, out, input) = (self.inside(), self.out(), input.to_owned());
        on_disk("laying an input before a child", move || {
            empty(&inside)?;
            empty(&out)?;
            let goal = inside.join(input.file_name().unwrap_or(OsStr::new("input")));
            let Ok(input) = std::fs::canonicalize(&input) else {
                return Ok(goal);
            };
            // Another disk, or a system that lets nobody link files of others: copied.
            if std::fs::hard_link(&input, &goal).is_err() {
                match std::fs::copy(&input, &goal) {
                    Err(cause) if cause.kind() != std::io::ErrorKind::PermissionDenied => {
                        return Err(cause);
                    }
                    _ => {}
                }
            }
            Ok(goal)
        })
        .await
    }

    /// Moves what the job left into the folder that the caller named.
    async fn hand_over(&self, to: &Path) -> Result<(), WorkerRefusal> {
        let (out, to) = (self.out(), to.to_owned());
        on_disk("taking a child's output", move || move_all(&out, &to)).await
    }
}

async fn on_disk<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, WorkerRefusal> {
    let done = tokio::task::spawn_blocking(work).await;
    let told = |cause: &dyn std::fmt::Display| WorkerRefusal::unavailable(doing, cause);
    done.map_err(|cause| told(&cause))?
        .map_err(|cause| told(&cause))
}

fn empty(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Moves files and folders; whatever else a child may have made (a link) stays behind and goes with its room.
fn move_all(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, goal) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            std::fs::create_dir_all(&goal)?;
            move_all(&path, &goal)?;
        } else if kind.is_file() && std::fs::rename(&path, &goal).is_err() {
            // The folder lies on another disk.
            std::fs::copy(&path, &goal)?;
        }
    }
    Ok(())
}

async fn run_here(jobs: Jobs, request: Request) -> Result<Value, WorkerRefusal> {
    let wall_s = request.limits.wall_s;
    let out_dir = request.out_dir.clone();
    let output_bytes = request.limits.output_bytes;
    let thread = tokio::task::spawn_blocking(move || jobs.run(&request));
    let answer = tokio::time::timeout(Duration::from_secs(wall_s), thread)
        .await
        .map_err(|_| WorkerRefusal::TooSlow { wall_s })?
        .map_err(|e| WorkerRefusal::unavailable("waiting for the job", e))?;
    if folder_bytes(&out_dir) > output_bytes {
        return Err(WorkerRefusal::TooBig { what: "output" });
    }
    answer.into_result()
}

/// How a child is started, whatever it is asked.
fn command(exe: &Path, arguments: &[String], room: &Room) -> Command {
    let mut command = Command::new(exe);
    command
        .args(arguments)
        .env_clear()
        // The allocator of `app` would otherwise reserve address space that the
        // memory limit could not see being used.
        .env("MIMALLOC_ARENA_RESERVE", "0")
        .env("MALLOC_ARENA_MAX", "1")
        .env(ROOM, room.0.path())
        .env("TMPDIR", room.out())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// A started child. Dropping it kills its whole process group.
#[derive(Debug)]
struct Running {
    room: Room,
    child: Child,
    stdin: ChildStdin,
    ready: mpsc::Receiver<()>,
    stderr: Arc<Mutex<Vec<u8>>>,
    group: Option<rustix::process::Pid>,
    jobs_done: u32,
}

impl Running {
    fn start(exe: &Path, arguments: &[String]) -> Result<Self, WorkerRefusal> {
        let room = Room::new()
            .map_err(|cause| WorkerRefusal::unavailable("making a child's folders", cause))?;
        let mut child = command(exe, arguments, &room)
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|e| WorkerRefusal::unavailable("starting a child", e))?;
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok()) // absent only once it has been waited for
            .and_then(rustix::process::Pid::from_raw);
        let lost = || WorkerRefusal::unavailable("starting a child", "no pipe");
        let stdin = child.stdin.take().ok_or_else(lost)?;
        let stdout = child.stdout.take().ok_or_else(lost)?;
        let (ready_out, ready) = mpsc::channel(1);
        tokio::spawn(listen(stdout, ready_out));
        let mut errors = child.stderr.take().ok_or_else(lost)?;
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&stderr);
        tokio::spawn(async move {
            let mut piece = [0_u8; 1024];
            while let Ok(n @ 1..) = errors.read(&mut piece).await {
                if let (Ok(mut kept), Some(new)) = (kept.lock(), piece.get(..n)) {
                    kept.extend_from_slice(new);
                    let over = kept.len().saturating_sub(STDERR_KEPT_BYTES);
                    kept.drain(..over);
                }
            }
        });
        Ok(Running {
            room,
            child,
            stdin,
            ready,
            stderr,
            group,
            jobs_done: 0,
        })
    }

    async fn run(&mut self, request: &Request) -> Result<Answer, WorkerRefusal> {
        let answer_path = request.out_dir.join(ANSWER_FILE);
        // An answer left by an earlier, killed run must not be taken for ours; usually
        // there is none, which is not an error.
        let _ = tokio::fs::remove_file(&answer_path).await;
        let mut line = serde_json::to_vec(request)
            .map_err(|e| WorkerRefusal::unavailable("writing a request", e))?;
        line.push(b'\n');
        // A child that died between two jobs shows below, as an end of its output.
        let _ = self.stdin.write_all(&line).await;
        let limits = request.limits;
        let deadline = tokio::time::sleep(Duration::from_secs(limits.wall_s));
        tokio::pin!(deadline);
        let mut look = tokio::time::interval(OUTPUT_CHECK);
        loop {
            tokio::select! {
                () = &mut deadline => {
                    return Err(WorkerRefusal::TooSlow { wall_s: limits.wall_s });
                }
                _ = look.tick() => {
                    if folder_bytes(&request.out_dir) > limits.output_bytes {
                        return Err(WorkerRefusal::TooBig { what: "output" });
                    }
                }
                said = self.ready.recv() => match said {
                    // No file: the line was forged by the parser's noise.
                    Some(()) => if let Ok(bytes) = read_plain(&answer_path).await {
                        self.jobs_done += 1;
                        return self.take_answer(&answer_path, &bytes, request).await;
                    },
                    None => return Err(self.obituary(limits).await),
                },
            }
        }
    }

    async fn take_answer(
        &self,
        path: &Path,
        bytes: &[u8],
        request: &Request,
    ) -> Result<Answer, WorkerRefusal> {
        // Left behind it would only be overwritten by the next run.
        let _ = tokio::fs::remove_file(path).await;
        if folder_bytes(&request.out_dir) > request.limits.output_bytes {
            return Err(WorkerRefusal::TooBig { what: "output" });
        }
        serde_json::from_slice(bytes).map_err(|e| WorkerRefusal::Crashed {
            detail: format!("unreadable answer: {e}"),
        })
    }

    /// Why the child is dead, from its signal and its last words.
    async fn obituary(&mut self, limits: Limits) -> WorkerRefusal {
        use std::os::unix::process::ExitStatusExt;
        let status = match tokio::time::timeout(Duration::from_secs(2), self.child.wait()).await {
            Ok(Ok(status)) => status,
            Ok(Err(e)) => return WorkerRefusal::unavailable("waiting for a child", e),
            Err(_) => {
                return WorkerRefusal::Crashed {
                    detail: "closed its output and stayed".to_owned(),
                };
            }
        };
        let last_words = match self.stderr.lock() {
            Ok(kept) => String::from_utf8_lossy(&kept).into_owned(),
            Err(_) => String::new(), // the reader panicked; the status still says enough
        };
        let signal = status.signal();
        if signal == Some(Signal::XCPU.as_raw()) {
            WorkerRefusal::TooSlow {
                wall_s: limits.wall_s,
            }
        } else if signal == Some(Signal::XFSZ.as_raw()) {
            WorkerRefusal::TooBig { what: "output" }
        } else if last_words.contains("memory allocation of")
            || last_words.contains("out of memory")
        {
            WorkerRefusal::TooBig { what: "memory" }
        } else {
            let last = last_words.lines().rfind(|line| !line.trim().is_empty());
            WorkerRefusal::Crashed {
                detail: format!("{status}: {}", last.unwrap_or("no last words")),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let (Some(group), Some(_)) = (self.group, self.child.id()) {
            // Already gone is as good as killed.
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }
}

/// Reads all that the child prints and keeps nothing of it but the ready lines.
async fn listen(mut stdout: ChildStdout, ready: mpsc::Sender<()>) {
    let expected = READY_LINE.as_bytes();
    let mut matched = 0;
    let mut piece = vec![0_u8; 8192];
    while let Ok(n @ 1..) = stdout.read(&mut piece).await {
        for byte in piece.iter().take(n) {
            // The line begins with the only line break that it holds before its end, so
            // a mismatch can only begin again at this very byte.
            matched = if expected.get(matched) == Some(byte) {
                matched + 1
            } else {
                usize::from(expected.first() == Some(byte))
            };
            if matched == expected.len() {
                matched = usize::from(expected.first() == Some(byte));
                // Full means that one is already waiting to be looked at.
                let _ = ready.try_send(());
            }
        }
    }
}

/// Bytes of all files in a folder, two levels deep at least; links are not followed.
fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0; // no folder, no output
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => folder_bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0, // renamed away between the two calls
        })
        .fold(0, u64::saturating_add)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "panic without words".to_owned())
}

/// Reads a file that lies there itself: a link, which the parser could have laid where no wall keeps it in,
/// is not followed, and what is no file is not waited for.
async fn read_plain(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = tokio::fs::OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .await?;
    if !file.metadata().await?.is_file() {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    let mut file = file;
    file.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// The child's side: answers requests from standard input until it ends. `app` calls it for
/// the hidden subcommand [`CHILD_COMMAND`] before it does anything else.
pub fn child_main(jobs: &Jobs) -> ExitCode {
    // Opened while it can be: the walls close `/proc` as well.
    let used = std::fs::File::open("/proc/self/statm").ok();
    let room = std::env::var_os(ROOM).map(PathBuf::from);
    let folders = (room.as_ref()).map(|room| (room.join("in"), room.join("out")));
    let without =
        walls::raise((folders.as_ref()).map(|(inside, out)| walls::Folders { inside, out }));
    if std::env::var_os(ASKED).is_some() {
        for what in without {
            println!("{WITHOUT}{what}");
        }
        println!("{ALL_SAID}");
        return ExitCode::SUCCESS;
    }
    let (lines, requests) = std::sync::mpsc::channel::<String>();
    // The reader ends the process when the parent is gone, whatever the job is doing.
    let reader = std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { break };
                if lines.send(line).is_err() {
                    break;
                }
            }
            std::process::exit(0);
        });
    if reader.is_err() {
        return ExitCode::from(2);
    }
    let jobs = jobs.clone();
    let serving = std::thread::Builder::new()
        .stack_size(JOB_STACK_BYTES)
        .spawn(move || serve(&jobs, &requests, used.as_ref()));
    match serving.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(cause))) => {
            eprintln!("worker: {cause}");
            ExitCode::from(2)
        }
        _ => ExitCode::from(2),
    }
}

fn serve(
    jobs: &Jobs,
    requests: &std::sync::mpsc::Receiver<String>,
    used: Option<&std::fs::File>,
) -> std::io::Result<()> {
    let mut is_bounded = false;
    while let Ok(line) = requests.recv() {
        let request: Request = serde_json::from_str(&line)?;
        if !is_bounded {
            bound_once(&request.limits, used)?;
            is_bounded = true;
        }
        bound_processor(&request.limits)?;
        let answer = jobs.run(&request);
        let path = request.out_dir.join(ANSWER_FILE);
        let unfinished = request.out_dir.join(".worker-answer.part");
        // Anew: a link of that name would lead what is written out of the folder.
        let _ = std::fs::remove_file(&unfinished);
        let file = std::fs::File::create_new(&unfinished)?;
        let mut file = std::io::BufWriter::new(file);
        serde_json::to_writer(&mut file, &answer)?;
        file.into_inner()?;
        std::fs::rename(unfinished, path)?;
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(READY_LINE.as_bytes())?;
        stdout.flush()?;
    }
    Ok(())
}

/// Limits that hold for the life of the child, set before the first input is touched.
fn bound_once(limits: &Limits, used: Option<&std::fs::File>) -> std::io::Result<()> {
    let used = used.map_or(0, address_space_bytes);
    // Address space is counted from what the bare program already holds; a quarter more
    // and 64 MiB, because an allocator reserves before it uses.
    let room = limits.memory_bytes + limits.memory_bytes / 4 + (64 << 20);
    limit(Resource::As, used.saturating_add(room))?;
    limit(Resource::Data, limits.memory_bytes.saturating_add(64 << 20))?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, limits.output_bytes)?;
    limit(Resource::Nofile, 64)?;
    // The server goes first; on an idle machine this costs an import nothing.
    let _ = rustix::process::nice(5);
    Ok(())
}

/// Processor time of one job, counted from now.
fn bound_processor(limits: &Limits) -> std::io::Result<()> {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime).tv_sec;
    let until = u64::try_from(spent)
        .unwrap_or(0)
        .saturating_add(limits.wall_s)
        .saturating_add(1);
    rustix::process::setrlimit(
        Resource::Cpu,
        Rlimit {
            current: Some(until),
            maximum: None,
        },
    )?;
    Ok(())
}

fn limit(resource: Resource, bytes: u64) -> std::io::Result<()> {
    let maximum = rustix::process::getrlimit(resource).maximum;
    let bytes = maximum.map_or(bytes, |maximum| maximum.min(bytes));
    rustix::process::setrlimit(
        resource,
        Rlimit {
            current: Some(bytes),
            maximum: Some(bytes),
        },
    )?;
    Ok(())
}

/// Address space in use, in bytes, as `/proc/self/statm` tells; 0 where the system does not.
fn address_space_bytes(statm: &std::fs::File) -> u64 {
    let mut bytes = [0_u8; 128];
    let Ok(n) = statm.read_at(&mut bytes, 0) else {
        return 0;
    };
    let statm = String::from_utf8_lossy(bytes.get(..n).unwrap_or_default()).into_owned();
    let pages: u64 = statm
        .split_ascii_whitespace()
        .next()
        .and_then(|first| first.parse().ok()) // an unreadable figure counts as none
        .unwrap_or(0);
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    pages.saturating_mul(page)
}
