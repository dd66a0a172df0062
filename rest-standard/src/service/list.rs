//! List: GET of a collection, always a page.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{
    Refusal,
    call::Call,
    elements::{Around, RESOURCE_SIZE, complete_order, file_name, optional, scope},
    expand::{cut, expand},
};
use crate::{
    document::{
        Action, Data, Expanded, JsonWriter, Link, Outcome, begin_success, csv_columns, csv_expanded_columns,
        csv_from_json, for_collection, for_list_across, write_data, write_link, write_validated,
    },
    error::{Error, Fault, Reason, Result},
    query::{Binding, Format, Holds, Standard, Use, column, decode_cursor, encode_cursor, pairs},
    store::{Column, Count, Excerpt, Page, Scan},
};

/// What a request line may have and a URL or a JSON string may not; anything beyond ASCII is encoded as well.
const IN_LINKS: &AsciiSet =
    &CONTROLS.add(b'"').add(b'\\').add(b'<').add(b'>').add(b'`').add(b'{').add(b'|').add(b'}').add(b'^');

/// Answers a List.
pub(super) async fn list(call: &mut Call) -> Result<(Outcome, Data), Refusal> {
    let mut accepted = Standard::LIST.to_vec();
    accepted.extend(optional(call.node().descriptor));
    call.parse_query(&accepted, Holds::List);
    call.refuse_conditions();
    complete_order(call);
    let after = cursor(call);
    call.refuse_faults()?;
    let scope = scope(call).await?;
    let node = call.node();
    let limits = &call.api.settings.limits;
    let parameters = &call.parameters;
    let scan = Scan {
        node: node.id,
        scope,
        live: node.descriptor.soft_delete.is_some() && !parameters.show_deleted,
        equals: parameters.equals.clone(),
        filter: parameters.filter.clone(),
        search: parameters.search.clone(),
        order: parameters.order.clone(),
        after,
        offset: parameters.offset.unwrap_or(0),
        limit: parameters.limit.unwrap_or(limits.page_default).min(limits.page_max),
        bytes: limits.page_bytes,
        count: match parameters.count {
            None => Count::UpTo(limits.count),
            Some(true) => Count::Exact,
            Some(false) => Count::None,
        },
    };
    let selection = parameters.select.as_ref();
    // The cursor of the next page is made of the columns of the order.
    let extent = parameters.extent(scan.order.iter().map(|(column, _)| *column));
    let mut page = call.api.store.scan_excerpts(&scan, &extent).await?;
    let expanded = expand(&call.api, node, &parameters.expand, &page.records).await?;
    if let Some(expanded) = &expanded {
        cut(&mut page, expanded, limits.page_bytes);
    }
    let around = Around::of(&call.api, call.node(), &call.target, call.site(), &page.records).await?;
    let urls = Urls::new(call, &scan, &page)?;
    if call.exchange.format == Format::Csv {
        let mut writer = JsonWriter::with_capacity(page.records.len() * RESOURCE_SIZE);
        write_elements(&mut writer, call, &page.records, &around, expanded.as_ref());
        let mut columns = csv_columns(node, selection);
        columns.extend(expanded.iter().flat_map(|of| csv_expanded_columns(&call.api.tree, node, of)));
        let rows = csv_from_json(&writer.into_bytes(), &columns);
        let part = urls.next.is_some() || scan.after.is_some() || scan.offset > 0;
        let file_name = Some(file_name(call, part));
        return Ok((
            Outcome { status: 200, next: urls.next, file_name, ..Outcome::default() },
            Data::Csv(rows),
        ));
    }
    let description = ["A page of ", node.descriptor.segment, "."].concat();
    let mut writer =
        begin_success(&call.exchange, 200, &description, 1024 + page.records.len() * RESOURCE_SIZE);
    write_data(
        &mut writer,
        |meta| write_meta(meta, call, &scan, &page, &urls, &around),
        |values| write_elements(values, call, &page.records, &around, expanded.as_ref()),
    );
    Ok((Outcome { status: 200, next: urls.next, ..Outcome::default() }, Data::Enveloped(writer)))
}

fn write_elements(
    values: &mut JsonWriter,
    call: &Call,
    records: &[Excerpt],
    around: &Around,
    expanded: Option<&Expanded>,
) {
    let selection = call.parameters.select.as_ref();
    values.begin_array();
    for excerpt in records {
        around.write(values, call.site(), call.node(), selection, expanded, excerpt);
    }
    values.end_array();
}

/// Where the page starts, from `$cursor`.
fn cursor(call: &mut Call) -> Option<Vec<crate::value::Value>> {
    let token = call.parameters.cursor.as_deref()?;
    let after = decode_cursor(&binding(call), token);
    if after.is_none() {
        let detail = "was not made for this list with these parameters; begin again without it";
        call.faults.push(Fault::parameter(Reason::InvalidParameter, Standard::Cursor.name(), detail));
    }
    after
}

fn binding(call: &Call) -> Binding<'_> {
    let node = call.node();
    Binding {
        secret: &call.api.secret,
        descriptor: node.descriptor,
        address: &node.address,
        parent: &call.target.path,
        filter: &call.parameters.filter_text,
        search: &call.parameters.search_text,
        equals: &call.parameters.equals,
        show_deleted: call.parameters.show_deleted,
        order: &call.parameters.order,
    }
}

/// Appends a part of a request line as a URL has it. A `%` that begins no escape stands for itself in a form, so it becomes
/// one (RFC 3986, section 2.4).
fn push_escaped(url: &mut String, raw: &str) {
    for (at, part) in raw.split('%').enumerate() {
        if at > 0 {
            let is_escape = part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
            url.push_str(if is_escape { "%" } else { "%25" });
        }
        url.extend(utf8_percent_encode(part, IN_LINKS));
    }
}

/// The addresses of this page and its neighbours.
struct Urls {
    page: String,
    next: Option<String>,
    first: Option<String>,
    prev: Option<String>,
}

impl Urls {
    fn new(call: &Call, scan: &Scan, page: &Page<Excerpt>) -> Result<Self> {
        let kept = |dropped: &[Standard]| {
            let mut query = String::new();
            for pair in pairs(&call.query) {
                // A bare name that a field has is the field's, even where a standard parameter is called the same.
                let is_field = column(call.node().descriptor, &pair.name, Use::Equal).is_some();
                if !is_field && pair.standard().is_some_and(|standard| dropped.contains(&standard)) {
                    continue;
                }
                query.push(if query.is_empty() { '?' } else { '&' });
                push_escaped(&mut query, pair.raw);
            }
            query
        };
        let uri = call.exchange.uri.strip_suffix('/').unwrap_or(&call.exchange.uri);
        let mut path = call.exchange.origin.clone();
        push_escaped(&mut path, uri);
        let with = |mut query: String, name: Standard, value: &dyn std::fmt::Display| {
            query.push(if query.is_empty() { '?' } else { '&' });
            let _ = write!(query, "{}={value}", name.name());
            format!("{path}{query}")
        };
        let elsewhere = [Standard::Cursor, Standard::Offset, Standard::RequestId];
        let next = match page.records.last().filter(|_| page.more) {
            Some(last) => {
                let columns = scan.order.iter().map(|(column, _)| *column).chain([Column::Id]);
                let after: Option<Vec<_>> = columns.map(|column| last.value(column)).collect();
                let after =
                    after.ok_or_else(|| Error::internal("the store did not read the columns of an order"))?;
                Some(with(kept(&elsewhere), Standard::Cursor, &encode_cursor(&binding(call), &after)))
            }
            None => None,
        };
        let is_first = scan.after.is_none() && scan.offset == 0;
        let prev = (scan.offset > 0 && scan.limit > 0).then(|| match scan.offset.checked_sub(scan.limit) {
            Some(offset) => with(kept(&elsewhere), Standard::Offset, &offset),
            // The page before is shorter, so that it ends where this one begins.
            None => {
                let kept = kept(&[Standard::Cursor, Standard::Offset, Standard::RequestId, Standard::Limit]);
                let url = with(kept, Standard::Limit, &scan.offset);
                format!("{url}&{}=0", Standard::Offset.name())
            }
        });
        Ok(Self {
            page: format!("{path}{}", kept(&[Standard::RequestId])),
            next,
            first: (!is_first).then(|| format!("{path}{}", kept(&elsewhere))),
            prev,
        })
    }
}

fn write_meta(
    meta: &mut JsonWriter,
    call: &Call,
    scan: &Scan,
    page: &Page<Excerpt>,
    urls: &Urls,
    around: &Around,
) {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    if let Some(total) = page.total {
        meta.name("totalCount");
        meta.integer(number(total.count));
        meta.name("totalCountRelation");
        meta.plain(if total.exact { "Exact" } else { "AtLeast" });
    }
    meta.name("limit");
    meta.integer(number(scan.limit));
    if call.parameters.offset.is_some() {
        meta.name("offset");
        meta.integer(number(scan.offset));
    }
    write_validated(meta, call.parameters.validate);
    if let Some(next) = &urls.next {
        meta.name("cursorNextLink");
        meta.plain(next);
    }
    meta.name("links");
    meta.begin_array();
    match around {
        Around::One { url, frozen } => {
            for_collection(call.site(), call.node(), url, &urls.page, *frozen, |link| write_link(meta, link));
        }
        Around::Several(_) => {
            for_list_across(call.site(), call.node(), &call.target.path, &urls.page, |link| {
                write_link(meta, link);
            });
        }
    }
    for (rel, url) in [("next", &urls.next), ("first", &urls.first), ("prev", &urls.prev)] {
        if let Some(url) = url {
            write_link(meta, Link { rel, href: [url, "", ""], action: Action::List });
        }
    }
    meta.end_array();
}
