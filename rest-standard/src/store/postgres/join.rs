//! The steps of a plain create as one statement.
//!
//! A create adds a row, its first change and the record of its request, and locks at most the row above. As one statement with
//! data-modifying `WITH` it is atomic by itself: there is no transaction to begin and to end, and the server plans, runs and
//! answers once in place of five times. Which of its parts failed it does not say; the batch is then gone through step by step,
//! as any other whose conflict is not plain.

use std::fmt::Write as _;

use super::{
    steps::{Step, What},
    value::Param,
};
use crate::store::sql::postgres::{is_plain_insert, is_read};

/// How many steps are joined at most; the plan of each is made anew for each number of them.
const MOST: usize = 6;

/// The steps as one statement; `None` where it would not be the same.
pub(super) fn join<'s, 'a>(steps: &'s [Step<'a>]) -> Option<(String, Vec<&'s Param<'a>>)> {
    if !(2..=MOST).contains(&steps.len()) {
        return None;
    }
    // What only reads is run where it stands at the end alone; all else is run wherever it stands.
    let (mut locks, mut inserts, mut rows) = (Vec::new(), Vec::new(), 0);
    for step in steps {
        match step.what {
            What::Lock => locks.push(step),
            What::Request | What::Insert(..) | What::Append if is_plain_insert(&step.sql) => {
                inserts.push(step);
            }
            _ => return None,
        }
        rows += usize::from(matches!(step.what, What::Insert(..)));
    }
    // Of two rows the first may belong to the second, which foreign keys would see only at the end.
    if rows > 1 {
        return None;
    }
    let last = match (locks.pop(), locks.is_empty()) {
        (Some(lock), true) if is_read(&lock.sql) => lock,
        (None, _) => inserts.pop()?,
        _ => return None,
    };
    let mut sql = String::with_capacity(steps.iter().map(|step| step.sql.len() + 16).sum());
    let mut params = Vec::new();
    for (at, step) in inserts.iter().enumerate() {
        let _ = write!(sql, "{}\"_{at}\" AS (", if at == 0 { "WITH " } else { ", " });
        push(&mut sql, &step.sql, params.len());
        sql.push(')');
        params.extend(&step.params);
    }
    sql.push(' ');
    push(&mut sql, &last.sql, params.len());
    params.extend(&last.params);
    Some((sql, params))
}

/// Appends a statement whose parameters begin after `before` others.
fn push(sql: &mut String, statement: &str, before: usize) {
    let mut parts = statement.split('$');
    sql.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().unwrap_or_default();
        let _ = write!(sql, "${}{}", number + before, &part[digits..]);
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::{tree::NodeId, value::Path};

    fn step<'a>(what: What<'a>, sql: &'static str, params: Vec<Param<'a>>) -> Step<'a> {
        Step { sql: Cow::Borrowed(sql), params, what }
    }

    #[test]
    fn parameters_are_numbered_through_and_the_lock_comes_last() {
        let path = Path::default();
        let steps = [
            step(What::Request, "INSERT INTO r VALUES ($1, $2)", vec![Param::Integer(1), Param::Integer(2)]),
            step(
                What::Lock,
                "SELECT 1 / count(*) FROM (SELECT 1 FROM o WHERE id = $1 FOR SHARE) AS l",
                vec![Param::Integer(3)],
            ),
            step(What::Insert(NodeId(0), &path), "INSERT INTO t VALUES ($1, $11)", vec![Param::Integer(4)]),
        ];
        let (sql, params) = join(&steps).expect("they can be joined");
        assert_eq!(
            sql,
            "WITH \"_0\" AS (INSERT INTO r VALUES ($1, $2)), \"_1\" AS (INSERT INTO t VALUES ($3, $13)) \
             SELECT 1 / count(*) FROM (SELECT 1 FROM o WHERE id = $4 FOR SHARE) AS l"
        );
        assert_eq!(format!("{params:?}"), "[Integer(1), Integer(2), Integer(4), Integer(3)]");
    }

    #[test]
    fn what_changes_rows_or_locks_several_is_not_joined() {
        let path = Path::default();
        let lock = || step(What::Lock, "SELECT 1", Vec::new());
        let insert = || step(What::Request, "INSERT INTO r VALUES (1)", Vec::new());
        assert!(join(&[insert(), lock(), lock()]).is_none());
        assert!(join(&[insert(), step(What::Update(NodeId(0), &path), "UPDATE t", Vec::new())]).is_none());
        assert!(join(&[insert(), step(What::Lock, "LOCK TABLE t", Vec::new())]).is_none());
        assert!(join(&[insert()]).is_none());
        let row = || step(What::Insert(NodeId(0), &path), "INSERT INTO t VALUES (1)", Vec::new());
        assert!(join(&[row(), insert()]).is_some());
        assert!(join(&[row(), row()]).is_none());
        assert!(join(&[insert(), step(What::Append, "INSERT INTO c SELECT 1 FROM t", Vec::new())]).is_none());
        assert!(join(&[insert(), insert()]).is_some());
    }
}
