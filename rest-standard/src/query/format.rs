//! The formats of answers, as addresses name them.

/// The format of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// The one that every other is made from.
    #[default]
    Json,
    Xml,
    /// A row for each element; lists and exports alone have it.
    Csv,
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

    /// Whether the query asks for elements of a collection: it can filter them by the values of their fields.
    #[must_use]
    pub(crate) fn asks_for_elements(self) -> bool {
        self != Self::Other
    }
}

impl Format {
    pub(crate) const ALL: [Self; 4] = [Self::Json, Self::Xml, Self::Csv, Self::Ndjson];

    /// The value of `$format`, and the suffix of a path without its dot.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Csv => "csv",
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
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// The part of an entity tag that tells this format from JSON, which has none.
    #[must_use]
    pub(crate) fn tag_part(self) -> Option<&'static str> {
        (self != Self::Json).then(|| self.name())
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
