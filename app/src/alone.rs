//! Who is at work in a handbook: whoever opens it shares it, and only the change of the key wants it alone.
//!
//! Within one data folder it is a lock of the file `sotay.lock`; among servers with a data folder each it is a
//! lock of PostgreSQL (`db::Hold`). Both go with the process that had them, however it ended. Not here: two who
//! write at once (transactions).

use crate::config::Config;
use db::{Db, Hold};
use kernel::error::{Doing, Error, Result};
use kernel::{Said, said};
use site::Site;
use std::fs::{File, TryLockError};
use std::time::Duration;

/// The file that is locked; its content is nothing.
const FILE: &str = "sotay.lock";
/// How often a server looks whether it still shares the database.
pub(crate) const LOOK: Duration = Duration::from_secs(5);

/// Being at work in a handbook, until this is dropped.
pub(crate) struct AtWork {
    _file: Option<File>,
    shared: Hold,
}

/// Takes a share of the handbook, or all of it; none when others stand in the way.
pub(crate) async fn enter(
    config: &Config,
    database: &Db,
    is_alone: bool,
) -> Result<Option<AtWork>> {
    let path = config.dir.join(FILE);
    let doing = || said!("locking {}", path.display());
    let opened = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = match opened {
        // Without its folder nothing is opened; whoever looks for the key says so.
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => None,
        file => Some(file.map_err(Error::fault).doing(doing())?),
    };
    let locked = match &file {
        None => Ok(()),
        Some(file) if is_alone => file.try_lock(),
        Some(file) => file.try_lock_shared(),
    };
    match locked {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        // Some mounted folders know no locks: there the operator alone can say who is at work.
        Err(TryLockError::Error(cause))
            if !is_alone && cause.kind() == std::io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(cause)) => return Err(Error::fault(cause)).doing(doing()),
    }
    let shared = database.hold(is_alone).await?;
    Ok(shared.map(|shared| AtWork {
        _file: file,
        shared,
    }))
}

impl AtWork {
    /// Whether it still holds: a connection that stood idle may have been cut by what lies between.
    pub(crate) async fn is_held(&mut self) -> bool {
        self.shared.is_held().await
    }

    /// Ends when this process must stop: the key was changed, or is being changed, although it was at work. That
    /// can be when the connection that shared the database was lost for a while. Looks once in `every`.
    pub(crate) async fn lost(&mut self, site: &Site, every: Duration) -> Said {
        loop {
            tokio::time::sleep(every).await;
            if !self.shared.is_held().await {
                // The database may be away for a while; whoever changes the key waits for it as well.
                match site.db.hold(false).await {
                    Ok(Some(again)) => self.shared = again,
                    Ok(None) => {
                        return said!(
                            "the key of this handbook is being changed: start again when that is done"
                        );
                    }
                    Err(_) => continue, // asked again in a moment
                }
            }
            // Asked each time, and after the share was taken again: from here on it cannot be changed.
            if let Ok(false) = crate::key::is_still(site).await {
                return said!(
                    "the key of this handbook was changed elsewhere: bring secret.key from there, and start again"
                );
            }
        }
    }
}
