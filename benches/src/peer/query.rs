//! The parameters of a list.

use uuid::Uuid;

use super::cursor::Cursors;
use super::fault::Fault;

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 1_000;

/// Which items a list answers with.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListQuery {
    pub(super) limit: usize,
    /// The last item of the page before.
    pub(super) after: Option<Uuid>,
    pub(super) count: bool,
}

impl ListQuery {
    /// Reads a query string; what is unknown, repeated or malformed is refused, never ignored.
    pub(super) fn parse(query: &str, cursors: &Cursors) -> Result<Self, Fault> {
        let (mut limit, mut after, mut count) = (None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "$limit" => set(&mut limit, "$limit", value.parse().ok())?,
                "$count" => set(&mut count, "$count", value.parse().ok())?,
                "$cursor" => set(&mut after, "$cursor", cursors.open(&value))?,
                _ => return Err(Fault::unknown_parameter(&name)),
            }
        }
        Ok(Self { limit: limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT), after, count: count.unwrap_or(true) })
    }
}

fn set<T>(parameter: &mut Option<T>, name: &str, value: Option<T>) -> Result<(), Fault> {
    if parameter.is_some() {
        return Err(Fault::parameter(name, "is given twice"));
    }
    *parameter = Some(value.ok_or_else(|| Fault::parameter(name, "has a value that it cannot have"))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<ListQuery, Fault> {
        ListQuery::parse(query, &Cursors::new(&[7; 32]))
    }

    #[test]
    fn a_list_has_defaults_and_a_maximum() {
        let query = parse("").unwrap();
        assert_eq!((query.limit, query.after, query.count), (50, None, true));
        assert_eq!(parse("%24limit=5000&$count=false").unwrap().limit, 1_000);
    }

    #[test]
    fn nothing_is_ignored() {
        for query in ["$top=1", "$limit=-1", "$limit=1&$limit=1", "$count=yes", "$cursor=AAAA"] {
            assert!(parse(query).is_err(), "{query}");
        }
    }
}
