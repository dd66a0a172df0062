//! What fuzz targets reach into beside a service: parsers without the way through HTTP, and signatures.

use crate::{
    descriptor::Descriptor,
    json,
    query::{Binding, Holds, Standard, parse, sign_cursor},
    store::Condition,
    value::Path,
};

/// What the query of a list asks for, as far as it costs anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// How many faults the query has.
    pub faults: usize,
    /// The longest detail of a fault, in characters.
    pub longest_detail: usize,
    /// The last position that a fault names.
    pub position: usize,
    /// How many tests of a value the filter makes for a row, where no value is a list.
    pub tests: usize,
    /// How many conditions the filter is made of, the tests among them.
    pub conditions: usize,
    /// How deep the filter is.
    pub depth: usize,
    /// The words of the search.
    pub words: Vec<String>,
}

/// What the query of a list asks for.
#[must_use]
pub fn list(descriptor: &'static Descriptor, query: &str) -> Asked {
    let mut accepted = [&Standard::COMMON[..], &Standard::LIST].concat();
    accepted.extend([Standard::Search, Standard::ShowDeleted]);
    let mut faults = Vec::new();
    let parameters = parse(query, &accepted, Some(descriptor), Holds::List, &mut faults);
    let mut asked = Asked {
        faults: faults.len(),
        longest_detail: faults.iter().map(|fault| fault.detail.chars().count()).max().unwrap_or_default(),
        position: faults.iter().filter_map(|fault| fault.position).max().unwrap_or_default(),
        words: parameters.search,
        ..Asked::default()
    };
    if let Some(filter) = &parameters.filter {
        measure(filter, 1, &mut asked);
    }
    asked
}

fn measure(condition: &Condition, depth: usize, asked: &mut Asked) {
    asked.conditions += 1;
    asked.depth = asked.depth.max(depth);
    match condition {
        Condition::All(inner) | Condition::Any(inner) => {
            inner.iter().for_each(|inner| measure(inner, depth + 1, asked));
        }
        Condition::Not(inner) => measure(inner, depth + 1, asked),
        Condition::Test(..) => asked.tests += 1,
    }
}

/// A cursor with a true signature and any payload: for the list of the collection at an address at the API root, in an order.
#[must_use]
pub fn cursor(
    secret: &[u8; 32],
    descriptor: &'static Descriptor,
    address: &str,
    order: &str,
    payload: &[u8],
) -> String {
    let query = format!("$orderBy={order}");
    let order = parse(&query, &[Standard::OrderBy], Some(descriptor), Holds::List, &mut Vec::new()).order;
    let binding = Binding {
        secret,
        descriptor,
        address,
        parent: &Path::default(),
        filter: "",
        search: "",
        equals: &[],
        show_deleted: false,
        order: &order,
    };
    sign_cursor(&binding, payload.to_vec())
}

/// The canonical form of a JSON body that nests at most this deep; `None` where it is refused.
#[must_use]
pub fn canonical(body: &[u8], depth: usize) -> Option<Vec<u8>> {
    json::parse(body, depth).ok().map(|json| json::canonical(&json))
}
