//! Opening a database and handing out connections.
//!
//! SQLite: WAL, several readers that cannot write, one writer, `begin immediate` (a deferred
//! transaction that reads, then writes, can fail at once without waiting). PostgreSQL: a pool that
//! reads only and one that writes, so that pages open while writers wait for each other.
//! A mistyped SQLite path is refused unless creating was asked for.

use crate::order::Taken;
use kernel::error::{Doing, Error, Result};
use kernel::{Said, said};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, ConnectOptions as _, Connection as _, Executor as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A write transaction. Dropped without `commit`, it rolls back.
#[derive(Debug)]
pub struct Tx(Connection);

impl Tx {
    fn of(inner: sqlx::Transaction<'static, Any>) -> Tx {
        Tx(Connection {
            inner,
            taken: Taken::default(),
        })
    }
    /// Leaves out of `order` what a test does by itself, in no act of the program.
    pub fn unwatched(&mut self) {
        self.0.taken.is_unwatched = true;
    }
    /// Ends it without a change.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rollback(self) -> Result<()> {
        self.0.inner.rollback().await.map_err(Error::fault)
    }
}
impl std::ops::Deref for Tx {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}
impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

/// The connection of a write transaction: what statements that write are sent to.
#[derive(Debug)]
pub struct Connection {
    inner: sqlx::Transaction<'static, Any>,
    taken: Taken,
}

/// Whatever a statement can run on: the readers, or a write transaction, which notes what it takes.
pub trait On<'c>: Send + Sized {
    /// Hands it over for this statement.
    fn via(self, text: &str) -> Via<'c>;
}

/// What a statement is sent through.
#[derive(Debug)]
pub enum Via<'c> {
    /// One of the readers.
    Pool(&'c AnyPool),
    /// A connection of its own.
    Connection(&'c mut sqlx::AnyConnection),
}

impl<'c> On<'c> for &'c AnyPool {
    fn via(self, _text: &str) -> Via<'c> {
        Via::Pool(self)
    }
}
impl<'c> On<'c> for &'c mut sqlx::AnyConnection {
    fn via(self, _text: &str) -> Via<'c> {
        Via::Connection(self)
    }
}
impl<'c> On<'c> for &'c mut Connection {
    fn via(self, text: &str) -> Via<'c> {
        self.taken.note(text);
        Via::Connection(&mut self.inner)
    }
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file beside the program.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Url {
    /// A SQLite file.
    File(PathBuf),
    /// `postgres://…`; may hold a password, so it is never printed.
    Server(String),
}

impl Url {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite:PATH` or a bare path.
    pub fn read(text: &str) -> Url {
        let text = text.trim();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Url::Server(text.to_owned());
        }
        let path = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"));
        Url::File(PathBuf::from(path.unwrap_or(text)))
    }
}

impl std::fmt::Debug for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Url::File(path) => write!(f, "{}", path.display()),
            Url::Server(_) => f.write_str("postgres://…"),
        }
    }
}

/// The database. Cloning shares the pools.
#[derive(Clone)]
pub struct Db(Arc<Pools>);

struct Pools {
    engine: Engine,
    url: Url,
    read: AnyPool,
    write: AnyPool,
}

/// What every SQLite connection is told. `synchronous = full`: nothing that was answered with
/// "saved" is lost when the power goes.
const PRAGMAS: &str = "pragma journal_mode = wal; pragma synchronous = full; \
    pragma foreign_keys = on; pragma busy_timeout = 10000; pragma temp_store = memory; \
    pragma cache_size = -4000; pragma mmap_size = 67108864; pragma secure_delete = on;";
/// What every PostgreSQL connection is told: nothing waits for ever. A statement that outlives them is
/// told as "busy" (`constraint::error`).
const SERVER_LIMITS: &str = "set statement_timeout = '30s'; set lock_timeout = '10s'; \
    set idle_in_transaction_session_timeout = '120s';";
const SERVER_READ_ONLY: &str = "set statement_timeout = '30s'; set lock_timeout = '10s'; \
    set idle_in_transaction_session_timeout = '120s'; set default_transaction_read_only = on;";
/// What a transaction is told that may take long: a migration, a backup.
pub(crate) const SERVER_PATIENCE: &str = "set local statement_timeout = 0; set local lock_timeout = 0; \
    set local idle_in_transaction_session_timeout = 0;";
/// How long a database may take to answer the first time.
const FIRST_ANSWER: Duration = Duration::from_secs(10);
const READ_ONLY: &str = "pragma query_only = on;";

impl Db {
    /// Opens the database. `create` allows a new SQLite file; without it a missing file is refused.
    /// `readers` is how many may read at once (on PostgreSQL, the size of each pool).
    pub async fn open(url: &Url, create: bool, readers: u32) -> Result<Db> {
        sqlx::any::install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]).ok(); // already installed by an earlier open: the same list
        let pools = match url {
            Url::File(path) => Self::open_file(path, create, readers).await?,
            Url::Server(address) => {
                let write = Self::connect(address, readers.max(4), SERVER_LIMITS).await?;
                let read = Self::connect(address, readers.max(4), SERVER_READ_ONLY).await?;
                Pools {
                    engine: Engine::Postgres,
                    url: url.clone(),
                    read,
                    write,
                }
            }
        };
        let db = Db(Arc::new(pools));
        db.probe().await?;
        Ok(db)
    }

    /// A pool of PostgreSQL. A connection is tried before it is handed out, so that a database that
    /// was restarted costs one reconnection, not one failed page.
    async fn connect(address: &str, most: u32, told: &'static str) -> Result<AnyPool> {
        let options = quiet(address)?;
        let doing = said!("connecting to PostgreSQL at {}", place_of(address));
        let tried = try_server(address, try_once(&options, &[told], &doing)).await?;
        let pool = AnyPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(true)
            .after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(told).await.map(|_| ()) })
            })
            .connect_with(options)
            .await
            .map_err(Error::fault)
            .doing(doing)?;
        let _gone = tried.close().await; // it has served
        Ok(pool)
    }

    async fn open_file(path: &Path, create: bool, readers: u32) -> Result<Pools> {
        if !create && !path.exists() {
            return Err(Error::fault(said!(
                "there is no database at {}; check the path, or create one with `sotay init` or `sotay demo`",
                path.display()
            )));
        }
        let folder = (path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty()))
        .unwrap_or(Path::new("."));
        if create {
            std::fs::create_dir_all(folder)
                .map_err(Error::fault)
                .doing(said!("making the folder {}", folder.display()))?;
        }
        demand_writable(folder, path)?;
        let mode = if create { "rwc" } else { "rw" };
        let place = path.to_string_lossy();
        let escaped: String = place
            .replace('%', "%25")
            .replace('?', "%3f")
            .replace('#', "%23");
        let address = format!("sqlite://{escaped}?mode={mode}");
        let doing = said!("opening {}", path.display());
        let tried = try_once(&quiet(&address)?, &[PRAGMAS], &doing).await?;
        let write = AnyPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(PRAGMAS).await.map(|_| ()) })
            })
            .connect_with(quiet(&address)?)
            .await
            .map_err(Error::fault)
            .doing(doing)?;
        let read = AnyPoolOptions::new()
            .max_connections(readers.max(1))
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(PRAGMAS).await?;
                    connection.execute(READ_ONLY).await.map(|_| ())
                })
            })
            .connect_with(quiet(&address)?)
            .await
            .map_err(Error::fault)?;
        // Not earlier: the last connection that goes folds the log into the file, which takes as long as
        // all the rest of opening.
        let _gone = tried.close().await;
        Ok(Pools {
            engine: Engine::Sqlite,
            url: Url::File(path.to_path_buf()),
            read,
            write,
        })
    }

    /// Refuses a database that orders text in a way that breaks subtree ranges
    /// (governance reference, section 2: `/B/` must stand before `/a/`).
    async fn probe(&self) -> Result<()> {
        let text = match self.engine() {
            Engine::Sqlite => "select case when '/B/' < '/a/' then 1 else 0 end",
            Engine::Postgres => {
                "select case when '/B/' < ('/a/' collate \"C\") then 1::bigint else 0::bigint end"
            }
        };
        if crate::sql(text).count(self.read()).await? == 1 {
            Ok(())
        } else {
            Err(Error::fault(
                "this database does not order text by bytes; subtrees would be wrong",
            ))
        }
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.0.engine
    }
    /// Where it is.
    pub fn url(&self) -> &Url {
        &self.0.url
    }
    /// For reading.
    pub fn read(&self) -> &AnyPool {
        &self.0.read
    }
    /// Begins a write. Keep it short; end it with [`Db::commit`].
    pub async fn begin(&self) -> Result<Tx> {
        let begun = match self.0.engine {
            Engine::Sqlite => match self.0.write.begin_with("begin immediate").await {
                // SQLite undoes a transaction by itself when the disk is full, and the driver goes on
                // counting it: that connection takes no write ever again, so it is thrown away.
                Err(cause) if cause.to_string().contains("transaction depth") => {
                    if let Ok(spoilt) = self.0.write.acquire().await {
                        let _gone = spoilt.close().await; // spoilt either way
                    }
                    self.0.write.begin_with("begin immediate").await
                }
                begun => begun,
            },
            Engine::Postgres => self.0.write.begin().await,
        };
        begun
            .map(Tx::of)
            .map_err(crate::constraint::error)
            .doing("beginning a write")
    }
    /// Begins a write that may take long: migrations. On PostgreSQL without time-outs.
    ///
    /// # Errors
    /// Like [`Db::begin`].
    pub async fn begin_long(&self) -> Result<Tx> {
        let mut tx = self.begin().await?;
        if self.engine() == Engine::Postgres {
            self.script(&mut tx, SERVER_PATIENCE).await?;
        }
        Ok(tx)
    }
    /// Ends a write: after this it is kept.
    pub async fn commit(&self, tx: Tx) -> Result<()> {
        tx.0.inner
            .commit()
            .await
            .map_err(crate::constraint::error)
            .doing("committing")
    }
    /// Runs many statements at once, without parameters: migrations and maintenance only.
    pub async fn script(&self, tx: &mut Tx, text: &str) -> Result<()> {
        sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()))
            .execute(&mut *tx.0.inner)
            .await
            .map(|_| ())
            .map_err(crate::constraint::error)
    }
    /// Runs one statement outside a transaction on the writer: `vacuum into`, `pragma`.
    pub async fn maintain(&self, text: String) -> Result<()> {
        sqlx::raw_sql(sqlx::AssertSqlSafe(text))
            .execute(&self.0.write)
            .await
            .map(|_| ())
            .map_err(crate::constraint::error)
    }
    /// Prepares a statement without running it: the test of portability.
    pub async fn prepare(&self, text: &'static str) -> Result<()> {
        use sqlx::SqlSafeStr as _;
        let mut connection = self.read().acquire().await.map_err(Error::fault)?;
        (&mut *connection)
            .prepare(text.into_sql_str())
            .await
            .map(|_| ())
            .map_err(Error::fault)
            .doing(Said::verbatim(text))
    }
    /// Closes the pools; SQLite folds its log back into the file.
    pub async fn close(&self) {
        self.0.read.close().await;
        self.0.write.close().await;
    }
}

/// A hold on a database that other processes of it see: shared by those who work with it, or of one alone.
/// On PostgreSQL a lock of a connection of its own, which goes with the process; SQLite needs none, since all
/// who open one file share its folder.
#[derive(Debug)]
pub struct Hold(Option<sqlx::AnyConnection>);

/// The number of that lock; the word "sotay" in it keeps other programs from having the same.
const HOLD_SHARED: &str = "select case when pg_try_advisory_lock_shared(495874007417) then cast(1 as bigint) \
    else cast(0 as bigint) end";
const HOLD_ALONE: &str = "select case when pg_try_advisory_lock(495874007417) then cast(1 as bigint) \
    else cast(0 as bigint) end";

/// How often a hold is tried, and how long apart: a second in all.
const HOLD_TRIES: usize = 10;
const HOLD_PAUSE: Duration = Duration::from_millis(100);

impl Hold {
    /// Whether it still holds: the connection may have been lost, and the lock with it.
    pub async fn is_held(&mut self) -> bool {
        match &mut self.0 {
            None => true,
            Some(connection) => connection.ping().await.is_ok(),
        }
    }
}

impl Db {
    /// Takes hold of the database, shared or alone; none when another process stands in the way.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hold(&self, is_alone: bool) -> Result<Option<Hold>> {
        let Url::Server(address) = &self.0.url else {
            return Ok(Some(Hold(None)));
        };
        let doing = said!("connecting to PostgreSQL at {}", place_of(address));
        let options = quiet(address)?;
        let mut connection = try_server(address, try_once(&options, &[], &doing)).await?;
        let text = if is_alone { HOLD_ALONE } else { HOLD_SHARED };
        // Who has just gone is still seen for a moment: PostgreSQL ends a connection after it was closed.
        for _ in 0..HOLD_TRIES {
            if crate::sql(text).count(&mut connection).await? == 1 {
                return Ok(Some(Hold(Some(connection))));
            }
            tokio::time::sleep(HOLD_PAUSE).await;
        }
        Ok(None)
    }
}

/// Opens one connection before there is a pool, to be closed when there is. What is wrong is told at
/// once and by its cause: a pool would try again until its time is up, and then know only that.
async fn try_once(
    options: &AnyConnectOptions,
    told: &[&'static str],
    doing: &Said,
) -> Result<sqlx::AnyConnection> {
    let one = async {
        let mut connection = options.connect().await?;
        for text in told {
            connection.execute(*text).await?;
        }
        Ok(connection)
    };
    match tokio::time::timeout(FIRST_ANSWER, one).await {
        Ok(done) => done
            .map_err(|cause: sqlx::Error| Error::fault(cause))
            .doing(doing.clone()),
        Err(_) => {
            let seconds = FIRST_ANSWER.as_secs();
            Err(Error::fault(said!("no answer in {} seconds", seconds))).doing(doing.clone())
        }
    }
}

/// So long a server is waited for before it is asked whether it is PostgreSQL at all.
const SILENCE: Duration = Duration::from_millis(1_500);

/// A first connection to a server. What is no PostgreSQL is told as that at once, by host and port: it may say nothing
/// for ever, or something that only its own kind understands.
async fn try_server(
    address: &str,
    connecting: impl Future<Output = Result<sqlx::AnyConnection>>,
) -> Result<sqlx::AnyConnection> {
    let mut connecting = std::pin::pin!(connecting);
    let refused = match tokio::time::timeout(SILENCE, &mut connecting).await {
        Ok(Ok(connection)) => return Ok(connection),
        Ok(Err(error)) => Some(error),
        Err(_) => None,
    };
    if let Some((host, port)) = host_of(address)
        && is_other(&host, port).await
    {
        return Err(Error::fault(said!(
            "what answers at {} is not PostgreSQL: check host and port",
            format!("{host}:{port}")
        )));
    }
    match refused {
        Some(error) => Err(error),
        None => connecting.await,
    }
}

/// Host and port of an address; nothing where an option names them or a socket of this machine.
fn host_of(address: &str) -> Option<(String, u16)> {
    if address.split_once('?').is_some_and(|(_, options)| {
        (options.split('&')).any(|option| option.starts_with("host") || option.starts_with("port"))
    }) {
        return None;
    }
    let place = place_of(address).split('/').next().unwrap_or_default();
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (place, 5432),
    };
    let host = host.trim_matches(['[', ']']);
    (!host.is_empty() && !host.contains('%')).then(|| (host.to_owned(), port))
}

/// Whether something answers there that is no PostgreSQL: each of those says one letter to a question for TLS.
async fn is_other(host: &str, port: u16) -> bool {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    const ASKS_TLS: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    let asked = async {
        let mut stream = tokio::net::TcpStream::connect((host, port)).await?;
        stream.write_all(&ASKS_TLS).await?;
        let mut said = [0; 8];
        let count = stream.read(&mut said).await?;
        let [letter, ..] = said;
        Ok::<_, std::io::Error>((count, letter))
    };
    match tokio::time::timeout(SILENCE, asked).await {
        // One letter and no more (other servers greet with whole words), or the sentence of an error.
        Ok(Ok((1, b'S' | b'N') | (_, b'E'))) => false,
        // Answered otherwise, hung up, or said nothing.
        Ok(Ok(_)) | Err(_) => true,
        // Nobody there: what was tried first says so.
        Ok(Err(cause)) => cause.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

/// Host, port and database of an address; never the user, the password or an option.
fn place_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split('?').next().unwrap_or(rest);
    rest.rsplit_once('@').map_or(rest, |(_, place)| place)
}

/// SQLite says "unable to open" of whatever the system refuses; here the system's own words are told.
fn demand_writable(folder: &Path, file: &Path) -> Result<()> {
    use rustix::fs::{Access, access};
    let both = Access::READ_OK | Access::WRITE_OK;
    access(folder, both | Access::EXEC_OK)
        .map_err(|cause| Error::fault(std::io::Error::from(cause)))
        .doing(said!(
            "opening {}: this user must be able to read and write the folder {}",
            file.display(),
            folder.display()
        ))?;
    match access(file, both) {
        Err(cause) if cause != rustix::io::Errno::NOENT => {
            Err(Error::fault(std::io::Error::from(cause))).doing(said!(
                "opening {}: this user must be able to read and write it",
                file.display()
            ))
        }
        _ => Ok(()),
    }
}

fn quiet(address: &str) -> Result<AnyConnectOptions> {
    let options: AnyConnectOptions = address
        .parse()
        .map_err(|_| Error::fault("the database address cannot be read"))?;
    Ok(options.disable_statement_logging())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_host_and_port() {
        let of = |address| host_of(address).map(|(host, port)| format!("{host} {port}"));
        assert_eq!(
            of("postgres://u:p@db.vn:6000/x").as_deref(),
            Some("db.vn 6000")
        );
        assert_eq!(
            of("postgres://db.vn/x?sslmode=require").as_deref(),
            Some("db.vn 5432")
        );
        assert_eq!(of("postgres://[::1]:7/x").as_deref(), Some("::1 7"));
        assert_eq!(of("postgres:///x?host=/run/postgresql"), None);
        assert_eq!(of("postgres://%2Frun/x"), None);
    }

    /// Something that takes connections and is no database.
    async fn stranger(says: &'static [u8]) -> u16 {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                if !says.is_empty() {
                    let mut some = [0; 64];
                    let _read = stream.read(&mut some).await; // whatever it was
                    let _sent = stream.write_all(says).await;
                    continue;
                }
                held.push(stream);
            }
        });
        port
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_port_that_is_no_database_is_told_as_that_at_once() {
        for says in [
            &b""[..],
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"SSH-2.0-x\r\n",
        ] {
            let port = stranger(says).await;
            let url = Url::read(&format!("postgres://sotay:geheim@127.0.0.1:{port}/sotay"));
            let began = std::time::Instant::now();
            let told = Db::open(&url, false, 1).await.err().unwrap().log_text();
            assert!(began.elapsed() < Duration::from_secs(6), "{told}");
            assert!(told.contains(&format!("127.0.0.1:{port}")), "{told}");
            assert!(
                told.contains("not PostgreSQL") && !told.contains("geheim"),
                "{told}"
            );
        }
    }
}
