//! One process for each database file.
//!
//! What is cached in the process is only true while nobody else writes. SQLite's own exclusive mode would shut out the
//! process's readers as well, so the lock is on a file of its own beside the database.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use crate::error::{Error, Reason, Result};

/// The right to serve a database file; given up when it is dropped, and by the system when the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// The file that a path stands for, so that two names of one file meet the same lock.
pub(super) fn resolve(path: &Path) -> Result<PathBuf> {
    // A link may lead to where nothing is yet: only a file that is there has one name that all agree on.
    let _made = File::options().write(true).create(true).truncate(false).open(path);
    if let Ok(existing) = path.canonicalize() {
        if existing.is_dir() {
            return Err(refusal(format!("`{}` is a folder; name a file in it", path.display())));
        }
        refuse_hard_links(&existing)?;
        return Ok(existing);
    }
    let Some(name) = path.file_name() else {
        return Err(refusal(format!("`{}` is not the path of a file", path.display())));
    };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(name)),
        Err(failure) => Err(refusal(format!(
            "the folder `{}` of the database cannot be used: {failure}",
            folder.display()
        ))),
    }
}

/// A second name for the file would have a lock and a log of its own, and two processes would damage the data.
#[cfg(unix)]
fn refuse_hard_links(path: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    match path.metadata() {
        Ok(metadata) if metadata.nlink() > 1 => Err(refusal(format!(
            "the database `{}` has {} names (hard links), so that another process could serve it unnoticed; leave one name, \
             or copy the file",
            path.display(),
            metadata.nlink()
        ))),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_hard_links(_: &Path) -> Result<()> {
    Ok(())
}

/// Takes the lock of a resolved path.
pub(super) fn take(database: &Path) -> Result<Lock> {
    let mut side = database.as_os_str().to_owned();
    side.push("-lock");
    let side = PathBuf::from(side);
    let file = File::options().read(true).write(true).create(true).truncate(false).open(&side).map_err(|failure| {
        refusal(format!(
            "the lock file `{}` cannot be made: {failure}; the service must be able to write to the folder of its database",
            side.display()
        ))
    })?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(refusal(format!(
            "another process serves the database `{}`; end that process or give this one another file",
            database.display()
        ))),
        Err(TryLockError::Error(failure)) => {
            Err(refusal(format!("the lock file `{}` cannot be locked: {failure}", side.display())))
        }
    }
}

/// An error that ends the start, in words for the operator.
pub(super) fn refusal(text: String) -> Error {
    Error::new(Reason::Unavailable, text)
}
