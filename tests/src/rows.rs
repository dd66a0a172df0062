//! Rows as stores keep them.

use jiff::Timestamp;
use rest_standard::{
    store::Record,
    value::{Path, Row, Value},
};

/// A row at the API root that nobody has changed yet.
#[must_use]
pub fn record(id: &str, row: Vec<Value>) -> Record {
    Record {
        path: Path(vec![id.into()]),
        revision: 1,
        incarnation: 1,
        change_count: 0,
        created_at: Timestamp::UNIX_EPOCH,
        created_by: None,
        updated_at: Timestamp::UNIX_EPOCH,
        updated_by: None,
        deletion: None,
        row: Row(row),
    }
}
