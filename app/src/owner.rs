//! Whose the data folder is: one user of the machine, who alone reads it.
//!
//! Everything that the program makes is readable by its user alone (`umask 077`), and a command that
//! another user runs is refused before it touches anything: what root once made, the server could not
//! open any more. Not here: who may see what in the handbook (`kernel::cap`).

use kernel::error::{Doing, Error, Result};
use kernel::{Said, said};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// What group and others may do: nothing.
const OTHERS: u32 = 0o077;

/// From now on what this process makes is readable by its user alone.
pub(crate) fn keep_to_ourselves() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(OTHERS));
}

/// Makes the folder if it is not there, and closes it to everybody else.
pub(crate) fn make_private(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)
        .map_err(Error::fault)
        .doing(said!("making the folder {}", dir.display()))?;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
        .map_err(Error::fault)
        .doing(said!("closing the folder {} to others", dir.display()))
}

/// Refuses to work in a folder of another user. One that is not there yet belongs to nobody.
pub(crate) fn demand_ours(dir: &Path) -> Result<()> {
    let doing = || said!("looking into the data folder {}", dir.display());
    let about = match std::fs::metadata(dir) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        about => about.map_err(Error::fault).doing(doing())?,
    };
    if let Some(told) = refusal(dir, about.uid(), rustix::process::geteuid().as_raw()) {
        return Err(Error::fault(told));
    }
    // Closed to its own owner, it would seem to hold nothing.
    std::fs::read_dir(dir)
        .map_err(Error::fault)
        .doing(doing())?;
    Ok(())
}

fn refusal(dir: &Path, owner: u32, we: u32) -> Option<Said> {
    if owner == we {
        return None;
    }
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let owner = name_in(&passwd, owner);
    let we = name_in(&passwd, we);
    Some(said!(
        "{0} belongs to {1}, and this is {2}: what {2} makes there, the server could not open. Run it as {1}: \
         sudo -u '{1}' sotay {3}",
        dir.display(),
        owner,
        we,
        typed(std::env::args().skip(1))
    ))
}

/// The words of this command as a shell takes them.
fn typed(words: impl Iterator<Item = String>) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@+%".contains(c);
    let quoted = words.map(
        |word| match !word.is_empty() && word.chars().all(is_plain) {
            true => word,
            false => format!("'{}'", word.replace('\'', "'\\''")),
        },
    );
    quoted.collect::<Vec<_>>().join(" ")
}

/// The user's name, or the number as `sudo -u` takes it.
fn name_in(passwd: &str, uid: u32) -> String {
    let uid = uid.to_string();
    let line = passwd
        .lines()
        .find(|line| line.split(':').nth(2) == Some(uid.as_str()));
    (line.and_then(|line| line.split(':').next())).map_or(format!("#{uid}"), str::to_owned)
}

/// How a folder begins into which a restore unpacks.
pub(crate) const RESTORING: &str = ".restoring-";

/// Folders of restores that did not come to their end: one at work has its own, one that was killed leaves it.
pub(crate) fn broken_off(dir: &Path) -> Vec<PathBuf> {
    // A folder that cannot be read is told of elsewhere.
    let inside = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let left = inside.filter(|entry| entry.file_name().to_string_lossy().starts_with(RESTORING));
    let mut left: Vec<PathBuf> = left.map(|entry| entry.path()).collect();
    left.sort();
    left
}

/// Bytes that this user may still write on the folder's disk; nothing when the system does not tell.
pub(crate) fn free_bytes(dir: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(dir).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

/// What of the folder is not as it should be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Loose {
    /// What others on this machine may read or write.
    pub open: Vec<PathBuf>,
    /// What belongs to another user than the folder itself.
    pub foreign: Vec<PathBuf>,
    /// Whose the folder is.
    pub owner: String,
}

/// Looks at the folder and all that lies in it.
pub(crate) fn loose(dir: &Path) -> Result<Loose> {
    let owner = std::fs::metadata(dir)?.uid();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut found = Loose {
        owner: name_in(&passwd, owner),
        ..Loose::default()
    };
    let mut left = vec![dir.to_path_buf()];
    while let Some(path) = left.pop() {
        let about = match std::fs::symlink_metadata(&path) {
            // A running server takes files away meanwhile.
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => continue,
            about => about
                .map_err(Error::fault)
                .doing(said!("looking at {}", path.display()))?,
        };
        if about.is_symlink() {
            continue;
        }
        if about.is_dir() {
            let inside = std::fs::read_dir(&path)
                .map_err(Error::fault)
                .doing(said!("reading the folder {}", path.display()))?;
            for entry in inside {
                left.push(entry?.path());
            }
        }
        if about.mode() & OTHERS != 0 {
            found.open.push(path.clone());
        }
        if about.uid() != owner {
            found.foreign.push(path);
        }
    }
    Ok(found)
}

/// Whether others on this machine may look into the folder itself.
pub(crate) fn is_open(dir: &Path) -> bool {
    std::fs::metadata(dir).is_ok_and(|about| about.mode() & OTHERS != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_user_is_told_as_whom_to_run_it() {
        let dir = Path::new("/srv/so");
        assert_eq!(refusal(dir, 7, 7), None);
        let told = refusal(dir, 4_000_001, 0).unwrap().to_string();
        assert!(
            told.contains("sudo -u '#4000001' sotay") && told.contains("this is root"),
            "{told}"
        );
        assert_eq!(
            name_in("root:x:0:0::/:/bin/sh\nso:x:12:3::/:", 12),
            "so",
            "by its name where it has one"
        );
    }

    #[test]
    fn the_line_to_type_is_the_one_that_was_typed() {
        let words = [
            "init",
            "--organisation",
            "Đảng bộ",
            "--data=/srv/so",
            "it's",
            "",
        ];
        assert_eq!(
            typed(words.map(str::to_owned).into_iter()),
            "init --organisation 'Đảng bộ' --data=/srv/so 'it'\\''s' ''"
        );
    }

    #[test]
    fn what_others_can_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("data");
        make_private(&dir).unwrap();
        let file = dir.join("sotay.db");
        std::fs::write(&file, "x").unwrap();
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        set(&file, 0o600);
        assert_eq!(loose(&dir).unwrap().open, Vec::<PathBuf>::new());
        assert!(!is_open(&dir));
        set(&file, 0o640);
        set(&dir, 0o755);
        assert_eq!(loose(&dir).unwrap().open, [dir.clone(), file]);
        assert!(is_open(&dir));
        assert!(loose(&dir).unwrap().foreign.is_empty());
    }
}
