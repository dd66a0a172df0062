//! A copy of a database that is in use, as it is at one moment.

use std::{fs, path::Path};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::lock::refusal;
use crate::{
    error::{Error, Result},
    store::sql::sqlite as text,
};

/// Copies the database at `from` into the new file `to`, compacted. A service may serve `from` meanwhile: it is read as it
/// is at one moment, and nobody waits.
///
/// `to` is there when all of it is, and is whole; its folder must be there.
///
/// # Errors
///
/// When `from` is no database of a service, `to` is there already, or either cannot be read or written.
pub fn backup(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        return Err(refusal(format!("the file `{}` is there already; name another one", to.display())));
    }
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = to.with_file_name(name);
    // What an interrupted backup has left.
    let _ = fs::remove_file(&part);
    let made = copy(from, &part).and_then(|()| finish(&part, to));
    if made.is_err() {
        let _ = fs::remove_file(&part);
    }
    made
}

fn copy(from: &Path, part: &Path) -> Result<()> {
    let told = |cause: rusqlite::Error| {
        let what = match cause.sqlite_error_code() {
            Some(ErrorCode::CannotOpen) => {
                format!("`{}` cannot be opened, or `{}` not be made", from.display(), part.display())
            }
            Some(ErrorCode::NotADatabase) => format!("`{}` is not an SQLite database", from.display()),
            Some(ErrorCode::DatabaseCorrupt) => format!("`{}` is damaged", from.display()),
            Some(ErrorCode::DiskFull) => format!("there is no room for `{}`", part.display()),
            _ => format!("`{}` cannot be copied", from.display()),
        };
        refusal(format!("{what}: {cause}"))
    };
    // The log beside a database can only be read by who may write to it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(from, flags).map_err(told)?;
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(told)?;
    if id != super::open::APPLICATION_ID {
        return Err(refusal(format!("`{}` is not the database of a rest-standard service", from.display())));
    }
    let part_text =
        part.to_str().ok_or_else(|| refusal("the name of the backup must be UTF-8".to_owned()))?;
    connection.execute(text::COPY, [part_text]).map_err(told)?;
    Ok(())
}

/// The copy is on the disk before it has its name.
fn finish(part: &Path, to: &Path) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::new(
            crate::error::Reason::Unavailable,
            format!("`{}` cannot be written: {error}", to.display()),
        )
    };
    fs::File::open(part).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(part, to).map_err(failed)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The name is on the disk, too, where a folder can be synced.
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}
