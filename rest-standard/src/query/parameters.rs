//! The query string of one request against what its method takes.
//!
//! Nothing is ignored: an unknown, repeated or doubly-aliased name, a name that means nothing for the method and a value
//! of the wrong form are each a fault.

use std::borrow::Cow;

use crate::{
    codec::parse_text,
    descriptor::{Descriptor, FieldKind},
    error::{Fault, Reason},
    query::{
        expand,
        filter::{self, Problem},
        format::{Format, Holds},
        order::{self, Order, Use, column_kind},
        search,
        select::Selection,
    },
    store::{Column, Condition, Extent},
    validate::{did_you_mean, expectation, is_whole, unknown_variant},
    value::Value,
};

/// A standard parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standard {
    /// `$filter`, what elements must be.
    Filter,
    /// `$search`, words that elements must have.
    Search,
    /// `$limit`, the page size.
    Limit,
    /// `$offset`, how many elements to skip.
    Offset,
    /// `$cursor`, where to continue.
    Cursor,
    /// `$orderBy`.
    OrderBy,
    /// `$select`, what of each resource is answered.
    Select,
    /// `$expand`, which references are answered with what they refer to.
    Expand,
    /// `$count`, how to count.
    Count,
    /// `$showDeleted`, soft-deleted elements too.
    ShowDeleted,
    /// `$format`, the representation.
    Format,
    /// `$validate`, a dry run.
    Validate,
    /// `$force` on Delete.
    Force,
    /// `$allowMissing` on Delete.
    AllowMissing,
    /// `$requestID`.
    RequestId,
}

impl Standard {
    /// Every canonical name and alias, without `$`.
    const NAMES: [(&'static str, Self); 21] = [
        ("filter", Self::Filter),
        ("query", Self::Filter),
        ("search", Self::Search),
        ("limit", Self::Limit),
        ("top", Self::Limit),
        ("pageSize", Self::Limit),
        ("offset", Self::Offset),
        ("start", Self::Offset),
        ("cursor", Self::Cursor),
        ("orderBy", Self::OrderBy),
        ("select", Self::Select),
        ("fields", Self::Select),
        ("view", Self::Select),
        ("expand", Self::Expand),
        ("count", Self::Count),
        ("showDeleted", Self::ShowDeleted),
        ("format", Self::Format),
        ("validate", Self::Validate),
        ("force", Self::Force),
        ("allowMissing", Self::AllowMissing),
        ("requestID", Self::RequestId),
    ];

    /// What people know by other names, from other APIs. They are refused, and told what to write.
    const ELSEWHERE: [(&'static [&'static str], Self); 10] = [
        (&["sort", "sortBy", "sort_by", "order", "order_by", "orderby"], Self::OrderBy),
        (&["q", "search_query", "text"], Self::Search),
        (&["where", "filters", "q"], Self::Filter),
        (&["per_page", "perPage", "page_size", "pagesize", "size", "maxResults"], Self::Limit),
        (&["skip", "page"], Self::Offset),
        (&["pageToken", "page_token", "nextToken", "continuation", "after"], Self::Cursor),
        (&["inlinecount", "total", "withCount", "with_count"], Self::Count),
        (&["columns", "fieldmask", "field_mask", "projection"], Self::Select),
        (&["include", "embed", "populate", "with"], Self::Expand),
        (&["dryRun", "dry_run", "validateOnly", "validate_only"], Self::Validate),
    ];

    /// The parameter that does what another API's name asks for, as far as the method takes it.
    fn meant(name: &str, accepted: &[Self]) -> Option<Self> {
        let name = name.strip_prefix('$').unwrap_or(name);
        let mut known = Self::ELSEWHERE.iter();
        known
            .find(|(names, meant)| names.contains(&name) && accepted.contains(meant))
            .map(|(_, meant)| *meant)
    }

    /// What every method takes.
    pub(crate) const COMMON: [Self; 3] = [Self::Format, Self::Validate, Self::RequestId];
    /// What a List takes beside it.
    pub(crate) const LIST: [Self; 7] =
        [Self::Filter, Self::Limit, Self::Offset, Self::Cursor, Self::OrderBy, Self::Select, Self::Count];
    /// What an Export takes beside it.
    pub(crate) const EXPORT: [Self; 3] = [Self::Filter, Self::OrderBy, Self::Select];
    /// What a Read takes beside it.
    pub(crate) const READ: [Self; 1] = [Self::Select];
    /// What a Delete takes beside it.
    pub(crate) const DELETE: [Self; 2] = [Self::Force, Self::AllowMissing];

    /// The parameter with the canonical name or alias `name`, without `$`.
    #[must_use]
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(other, _)| *other == name).map(|(_, standard)| *standard)
    }

    /// The other names, without `$`.
    pub(crate) fn aliases(self) -> impl Iterator<Item = &'static str> {
        let is_alias = move |name: &&str| Some(*name) != self.name().strip_prefix('$');
        let names = Self::NAMES.iter().filter(move |(_, standard)| *standard == self);
        names.map(|(name, _)| *name).filter(is_alias)
    }

    /// The canonical name, with `$`.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Filter => "$filter",
            Self::Search => "$search",
            Self::Limit => "$limit",
            Self::Offset => "$offset",
            Self::Cursor => "$cursor",
            Self::OrderBy => "$orderBy",
            Self::Select => "$select",
            Self::Expand => "$expand",
            Self::Count => "$count",
            Self::ShowDeleted => "$showDeleted",
            Self::Format => "$format",
            Self::Validate => "$validate",
            Self::Force => "$force",
            Self::AllowMissing => "$allowMissing",
            Self::RequestId => "$requestID",
        }
    }
}

/// One decoded name and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    /// The name as sent, decoded.
    pub(crate) name: Cow<'a, str>,
    /// The value, decoded.
    pub(crate) value: Cow<'a, str>,
    /// The part of the query as received.
    pub(crate) raw: &'a str,
}

impl Pair<'_> {
    /// The standard parameter that the name stands for when no field has the bare name.
    #[must_use]
    pub(crate) fn standard(&self) -> Option<Standard> {
        Standard::named(self.name.strip_prefix('$').unwrap_or(&self.name))
    }
}

/// The pairs of a query string, decoded as `application/x-www-form-urlencoded`.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = Pair<'_>> {
    query.split('&').filter(|raw| !raw.is_empty()).map(|raw| {
        let (name, value) = form_urlencoded::parse(raw.as_bytes()).next().unwrap_or_default();
        Pair { name, value, raw }
    })
}

/// What a query string asks for.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    /// `$limit` as asked for, saturated.
    pub(crate) limit: Option<u64>,
    /// `$offset`.
    pub(crate) offset: Option<u64>,
    /// `$cursor`.
    pub(crate) cursor: Option<String>,
    /// `$filter`, typed.
    pub(crate) filter: Option<Condition>,
    /// `$filter` as sent.
    pub(crate) filter_text: String,
    /// The folded words of `$search`.
    pub(crate) search: Vec<String>,
    /// `$search` as sent.
    pub(crate) search_text: String,
    /// `$orderBy`.
    pub(crate) order: Order,
    /// `$select`; everything where it is not given.
    pub(crate) select: Option<Selection>,
    /// `$expand`, as places of fields in the order of the declaration.
    pub(crate) expand: Vec<usize>,
    /// `$count`.
    pub(crate) count: Option<bool>,
    /// `$showDeleted=true`.
    pub(crate) show_deleted: bool,
    /// `$validate=true`.
    pub(crate) validate: bool,
    /// `$force=true`.
    pub(crate) force: bool,
    /// `$allowMissing=true`.
    pub(crate) allow_missing: bool,
    /// `$format`, so that the answer does not depend on `Accept`.
    pub(crate) format: Option<Format>,
    /// The equality parameters in the order of the query.
    pub(crate) equals: Vec<(Column, Value)>,
}

/// Parses the query of a request whose method takes `accepted`. `descriptor` is the node's; what asks for elements takes
/// equality parameters on top.
pub(crate) fn parse(
    query: &str,
    accepted: &[Standard],
    descriptor: Option<&'static Descriptor>,
    holds: Holds,
    faults: &mut Vec<Fault>,
) -> Parameters {
    let is_list = holds.asks_for_elements();
    let list = descriptor.filter(|_| is_list);
    let mut parameters = Parameters::default();
    let mut seen: Vec<(Standard, String)> = Vec::new();
    let mut fields: Vec<String> = Vec::new();
    for pair in pairs(query) {
        if std::str::from_utf8(&percent_encoding::percent_decode_str(pair.raw).collect::<Vec<u8>>()).is_err()
        {
            faults.push(Fault::parameter(
                Reason::InvalidParameter,
                order::shown(&pair.name),
                "must be UTF-8",
            ));
            continue;
        }
        let field = list.and_then(|descriptor| {
            order::column(descriptor, &pair.name, Use::Equal).map(|column| (descriptor, column))
        });
        if let Some((descriptor, column)) = field {
            if fields.iter().any(|other| *other == pair.name) {
                faults.push(Fault::parameter(Reason::InvalidParameter, &*pair.name, "must be given once"));
                continue;
            }
            fields.push(pair.name.to_string());
            match equality(descriptor, column, &pair.value) {
                Ok(value) => parameters.equals.push((column, value)),
                Err(detail) => faults.push(Fault::parameter(Reason::InvalidParameter, &*pair.name, detail)),
            }
            continue;
        }
        // A bare name that a field has never stands for a standard parameter.
        if let Some(field) = descriptor
            .and_then(|descriptor| descriptor.field(&pair.name).map(|index| &descriptor.fields[index]))
            .filter(|field| !field.input_only)
        {
            let detail = match (is_list, field.filter) {
                (true, true) => {
                    format!("holds more than one value; ask it with `$filter={}:…`", field.name)
                }
                (true, false) => "is not a field that the list can be filtered by".to_owned(),
                (false, _) => "means nothing for this method".to_owned(),
            };
            faults.push(Fault::parameter(Reason::UnknownParameter, &*pair.name, detail));
            continue;
        }
        let Some(standard) = pair.standard() else {
            faults.push(unknown(&pair.name, accepted, list));
            continue;
        };
        if !accepted.contains(&standard) {
            let detail = match standard {
                Standard::Search if is_list => {
                    "means nothing here, as no field of the list is searched for words; ask with `$filter`"
                }
                Standard::Expand if accepted.contains(&Standard::Select) => {
                    "means nothing here, as no field refers to another resource"
                }
                _ => "means nothing for this method",
            };
            faults.push(Fault::parameter(Reason::UnknownParameter, &*pair.name, detail));
            continue;
        }
        if let Some((_, other)) = seen.iter().find(|(other, _)| *other == standard) {
            let detail = if *other == pair.name {
                "must be given once".to_owned()
            } else {
                format!("is the same parameter as `{other}`; give one of them")
            };
            faults.push(Fault::parameter(Reason::InvalidParameter, &*pair.name, detail));
            continue;
        }
        seen.push((standard, pair.name.to_string()));
        let mut details = Vec::new();
        match (standard, list) {
            (Standard::OrderBy, Some(descriptor)) => {
                parameters.order = order::parse(descriptor, &pair.value, &mut details);
            }
            (Standard::Filter, Some(descriptor)) => {
                match filter::parse(descriptor, &pair.value) {
                    Ok(filter) => parameters.filter = filter,
                    Err(problems) => {
                        faults.extend(problems.into_iter().map(|problem| problem.fault(standard)));
                    }
                }
                parameters.filter_text = pair.value.into_owned();
                continue;
            }
            (Standard::Search, Some(_)) => {
                match search::parse(&pair.value) {
                    Ok(words) => parameters.search = words,
                    Err(detail) => details.push(detail),
                }
                parameters.search_text = pair.value.into_owned();
            }
            (Standard::Expand, _) => {
                let parsed = descriptor.map(|descriptor| expand::parse(descriptor, &pair.value));
                match parsed.transpose() {
                    Ok(expand) => parameters.expand = expand.unwrap_or_default(),
                    Err(problems) => {
                        faults.extend(problems.into_iter().map(|problem| problem.fault(standard)));
                    }
                }
                continue;
            }
            (Standard::Select, _) => {
                match descriptor.map(|descriptor| Selection::parse(descriptor, &pair.value)).transpose() {
                    Ok(selection) => parameters.select = selection,
                    Err(problems) => {
                        faults.extend(problems.into_iter().map(|problem| problem.fault(standard)));
                    }
                }
                continue;
            }
            _ => details.extend(parameters.set(standard, &pair.value).err()),
        }
        let fault = |detail| Fault::parameter(Reason::InvalidParameter, &*pair.name, detail);
        faults.extend(details.into_iter().map(fault));
    }
    if parameters.cursor.is_some() && parameters.offset.is_some() {
        let detail = "cannot be combined with `$cursor`; a page starts at one or the other";
        faults.push(Fault::parameter(Reason::InvalidParameter, "$offset", detail));
    }
    parameters
}

impl Parameters {
    /// What must be read of each row for the selection and the expansion, with the columns of an order.
    #[must_use]
    pub(crate) fn extent(&self, order: impl IntoIterator<Item = Column>) -> Extent {
        let expanded = self.expand.iter().map(|index| Column::Field(*index));
        let selection = self.select.as_ref();
        selection.map_or(Extent::Whole, |selection| selection.extent(order.into_iter().chain(expanded)))
    }

    fn set(&mut self, standard: Standard, value: &str) -> Result<(), String> {
        match standard {
            Standard::Limit => self.limit = Some(natural(value)?),
            Standard::Offset => self.offset = Some(natural(value)?),
            Standard::Cursor => self.cursor = Some(value.to_owned()),
            Standard::Count => self.count = Some(boolean(value)?),
            Standard::ShowDeleted => self.show_deleted = boolean(value)?,
            Standard::Validate => self.validate = boolean(value)?,
            Standard::Force => self.force = boolean(value)?,
            Standard::AllowMissing => self.allow_missing = boolean(value)?,
            Standard::Format => match Format::named(value) {
                Some(format) => self.format = Some(format),
                None => {
                    let found = order::shown(value);
                    return Err(format!(
                        "must be `json` or `xml`, or `csv` on a list, or `ndjson` on an export, got `{found}`"
                    ));
                }
            },
            // These are read with the declaration, and the effective id is chosen before anything else.
            Standard::Filter
            | Standard::Search
            | Standard::OrderBy
            | Standard::Select
            | Standard::Expand
            | Standard::RequestId => {}
        }
        Ok(())
    }
}

impl Problem {
    /// The fault of a request that has this in the parameter, whatever name it was sent under.
    fn fault(self, parameter: Standard) -> Fault {
        Fault::parameter(Reason::InvalidParameter, parameter.name(), self.detail).at(self.position)
    }
}

fn boolean(value: &str) -> Result<bool, String> {
    value.parse().map_err(|_| format!("must be `true` or `false`, got `{}`", order::shown(value)))
}

/// A number of elements; more digits than fit are simply a very large number.
fn natural(value: &str) -> Result<u64, String> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("must be a number, 0 or more, got `{}`", order::shown(value)));
    }
    // SQL engines count in signed 64-bit numbers.
    const MOST: u64 = i64::MAX as u64;
    Ok(value.parse().map_or(MOST, |number: u64| number.min(MOST)))
}

fn equality(descriptor: &'static Descriptor, column: Column, text: &str) -> Result<Value, String> {
    let kind = column_kind(descriptor, column);
    match (parse_text(kind, text), kind) {
        (Some(value), _) => Ok(value),
        (None, FieldKind::Enum(declared)) => Err(unknown_variant(declared, text)),
        (None, FieldKind::Integer { min, max }) if is_whole(&text.into()) => {
            Err(format!("must be between {min} and {max}, got `{}`", order::shown(text)))
        }
        (None, kind) => Err(format!("must be {}, got `{}`", expectation(kind), order::shown(text))),
    }
}

fn unknown(name: &str, accepted: &[Standard], list: Option<&'static Descriptor>) -> Fault {
    if name.is_empty() {
        let detail = "has no name; where a shell took `$limit` for a variable of its own, write it in single quotes, or without `$`";
        return Fault::parameter(Reason::UnknownParameter, "", detail);
    }
    if let Some(meant) = Standard::meant(name, accepted) {
        let detail = format!("is not known here, did you mean `{}`?", meant.name());
        return Fault::parameter(Reason::UnknownParameter, order::shown(name), detail);
    }
    let standard = accepted.iter().map(|standard| standard.name());
    let fields = list.into_iter().flat_map(|descriptor| order::names(descriptor, Use::Equal));
    let hint = did_you_mean(name, standard.chain(fields));
    Fault::parameter(Reason::UnknownParameter, order::shown(name), format!("is not known here{hint}"))
}
