//! How entries become requests: one by one, in batches, or as the lines of an import.

use rest_standard::clap::{self, ValueEnum};
use uuid::Uuid;

use crate::entry::Entry;

/// How entries are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// A request for each
    Single,
    /// `:batchCreate` with up to 100 of them
    Batch,
    /// `:import` with all of a collection
    Ndjson,
}

impl Mode {
    pub(crate) const ALL: [Self; 3] = [Self::Single, Self::Batch, Self::Ndjson];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Batch => "batch",
            Self::Ndjson => "ndjson",
        }
    }

    /// How many entries a request has at most.
    fn most(self) -> usize {
        match self {
            Self::Single => 1,
            Self::Batch => 100,
            Self::Ndjson => usize::MAX,
        }
    }
}

/// Some entries of one collection, and what is sent for them.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) entries: Vec<Entry>,
    pub(crate) path: String,
    pub(crate) media: &'static str,
    pub(crate) body: String,
    /// The same request has the same id, whenever it is sent.
    pub(crate) request_id: String,
}

/// The entries as requests, in their order.
pub(crate) fn parcels(mode: Mode, entries: Vec<Entry>) -> Vec<Parcel> {
    let mut groups: Vec<Vec<Entry>> = Vec::new();
    for entry in entries {
        match groups.last_mut() {
            Some(group) if group.len() < mode.most() && group[0].collection == entry.collection => {
                group.push(entry);
            }
            _ => groups.push(vec![entry]),
        }
    }
    groups.into_iter().map(|group| parcel(mode, group)).collect()
}

fn parcel(mode: Mode, entries: Vec<Entry>) -> Parcel {
    let collection = &entries[0].collection;
    let bodies = || entries.iter().map(|entry| entry.body.as_str()).collect::<Vec<_>>();
    let (path, media, body) = match mode {
        Mode::Single => (collection.clone(), "application/json", entries[0].body.clone()),
        Mode::Batch => {
            let body = format!("{{\"items\":[{}]}}", bodies().join(","));
            (format!("{collection}:batchCreate"), "application/json", body)
        }
        Mode::Ndjson => (format!("{collection}:import"), "application/x-ndjson", bodies().join("\n") + "\n"),
    };
    let request_id = match mode {
        Mode::Single => entries[0].request_id.clone(),
        _ => {
            let request = format!("POST {path} {body}");
            Uuid::new_v5(&Uuid::NAMESPACE_URL, request.as_bytes()).simple().to_string()
        }
    };
    Parcel { path, media, body, request_id, entries }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entry::{device_types, devices},
        usb_ids::parse,
    };

    #[test]
    fn a_parcel_has_entries_of_one_collection_in_their_order() {
        let list = parse(b"0001  One\n\t0001  a\n\t0002  b\n0002  Two\n\t0001  c\n");
        let paths = |mode| {
            let parcels = parcels(mode, devices("", &list));
            parcels.iter().map(|parcel| (parcel.path.clone(), parcel.entries.len())).collect::<Vec<_>>()
        };
        let of = |vendor: &str, verb: &str| format!("/device-types/usb-{vendor}/devices{verb}");
        let (one, two) = ("0001", "0002");
        assert_eq!(paths(Mode::Single), [(of(one, ""), 1), (of(one, ""), 1), (of(two, ""), 1)]);
        assert_eq!(paths(Mode::Batch), [(of(one, ":batchCreate"), 2), (of(two, ":batchCreate"), 1)]);
        assert_eq!(paths(Mode::Ndjson), [(of(one, ":import"), 2), (of(two, ":import"), 1)]);
    }

    #[test]
    fn bodies_are_what_their_verbs_take() {
        let list = parse(b"0001  One\n0002  Two\n");
        let bodies: Vec<_> = device_types("", &list).into_iter().map(|entry| entry.body).collect();
        let body = |mode| parcels(mode, device_types("", &list)).remove(0).body;
        assert_eq!(body(Mode::Single), bodies[0]);
        assert_eq!(body(Mode::Batch), format!("{{\"items\":[{},{}]}}", bodies[0], bodies[1]));
        assert_eq!(body(Mode::Ndjson), format!("{}\n{}\n", bodies[0], bodies[1]));
    }
}
