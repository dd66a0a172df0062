//! The formats of answers, as addresses name them.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::LazyLock,
};

/// The format of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// The one that every other is made from.
    #[default]
    Json,
    Xml,
    /// A row for each element; lists and exports alone have it.
    Csv,
    /// A page for people. No address names it: only an `Accept` that ranks `text/html` first asks for it.
    Html,
    /// A line of JSON for each element; exports alone have it.
    Ndjson,
}

/// What an answer holds, which decides the formats that it can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Anything but elements in rows.
    #[default]
    Other,
    /// A page of elements.
    List,
    /// All elements.
    Export,
}

impl Holds {
    /// The formats, the usual one first.
    #[must_use]
    pub(crate) fn formats(self) -> &'static [Format] {
        match self {
            Self::Other => &[Format::Json, Format::Xml],
            Self::List => &[Format::Json, Format::Xml, Format::Csv],
            Self::Export => &[Format::Ndjson, Format::Csv],
        }
    }

    /// Whether there is a page for people: rows that come without an end are for programs.
    #[must_use]
    pub(crate) fn has_page(self) -> bool {
        self != Self::Export
    }

    /// Whether the query asks for elements of a collection: it can filter them by the values of their fields.
    #[must_use]
    pub(crate) fn asks_for_elements(self) -> bool {
        self != Self::Other
    }
}

/// The part of the tags of pages. Another process may write them in another way, and nothing else of a page tells which.
static PAGE_PART: LazyLock<String> =
    LazyLock::new(|| format!("html-{:016x}", RandomState::new().build_hasher().finish()));

impl Format {
    pub(crate) const ALL: [Self; 4] = [Self::Json, Self::Xml, Self::Csv, Self::Ndjson];

    /// The value of `$format`, and the suffix of a path without its dot.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Ndjson => "ndjson",
        }
    }

    /// The media type, without parameters.
    #[must_use]
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
            Self::Csv => "text/csv",
            Self::Html => "text/html",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// The part of an entity tag that tells this format from JSON, which has none.
    #[must_use]
    pub(crate) fn tag_part(self) -> Option<&'static str> {
        match self {
            Self::Json => None,
            Self::Html => Some(&PAGE_PART),
            Self::Xml | Self::Csv | Self::Ndjson => Some(self.name()),
        }
    }

    /// The format with this value of `$format`.
    #[must_use]
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Takes the suffix of a format off a path, or off what ends one.
    #[must_use]
    pub(crate) fn split(path: &str) -> (&str, Option<Self>) {
        match path.rsplit_once('.') {
            Some((bare, suffix)) if let Some(format) = Self::named(suffix) => (bare, Some(format)),
            _ => (path, None),
        }
    }

    /// The format that the suffix of a request's path names.
    #[must_use]
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        Self::split(path.strip_suffix('/').unwrap_or(path)).1
    }
}
