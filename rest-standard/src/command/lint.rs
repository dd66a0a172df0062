//! What `check` looks for beyond mistakes: the table of lints, and what is found with them.
//!
//! Codes and names are for scripts, so neither changes nor is used again. The book's table is compared with this one.

mod declarations;

use std::fmt;

pub(super) use declarations::declarations;

use super::address;

/// One thing that `check` looks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lint {
    /// The code, `RL001`.
    pub(super) code: &'static str,
    /// The name, kebab-case.
    pub(super) name: &'static str,
    /// What is found.
    pub(super) title: &'static str,
    /// Why that is worth a change.
    pub(super) text: &'static str,
    /// Whether it is silent until it is denied by its own name: what it finds may be meant so, and has one way out only.
    pub(super) is_optional: bool,
}

/// Every lint, in the order of the codes.
pub(super) static LINTS: [&Lint; 13] = [
    &NO_RESOURCE,
    &UNDOCUMENTED_RESOURCE,
    &UNDOCUMENTED_FIELD,
    &UNDOCUMENTED_METHOD,
    &UNDOCUMENTED_TYPE,
    &UNDOCUMENTED_VARIANT,
    &UNBOUNDED_TEXT,
    &UNBOUNDED_LIST,
    &UNBOUNDED_INDEX,
    &UNBOUNDED_UNIQUE,
    &UNIQUE_SECRET,
    &APEX_HOST,
    &SCANNED_FILTER,
];

static NO_RESOURCE: Lint = Lint {
    code: "RL001",
    name: "no-resource",
    title: "a version without a resource",
    text: "It answers at its entry point and nowhere else.",
    is_optional: false,
};
static UNDOCUMENTED_RESOURCE: Lint = Lint {
    code: "RL002",
    name: "undocumented-resource",
    title: "a resource without a doc comment",
    text: "The comment is its description for clients.",
    is_optional: false,
};
static UNDOCUMENTED_FIELD: Lint = Lint {
    code: "RL003",
    name: "undocumented-field",
    title: "a field, or a member of a nested struct, without a doc comment",
    text: "A name alone does not say units, origin or meaning.",
    is_optional: false,
};
static UNDOCUMENTED_METHOD: Lint = Lint {
    code: "RL004",
    name: "undocumented-method",
    title: "a custom method without a doc comment",
    text: "What a verb does is nowhere else.",
    is_optional: false,
};
static UNDOCUMENTED_TYPE: Lint = Lint {
    code: "RL005",
    name: "undocumented-type",
    title: "an enum or a nested struct without a doc comment",
    text: "It is a schema of its own in the document.",
    is_optional: false,
};
static UNDOCUMENTED_VARIANT: Lint = Lint {
    code: "RL006",
    name: "undocumented-variant",
    title: "variants of an enum without a doc comment",
    text: "Clients choose between names that nothing tells apart.",
    is_optional: false,
};
static UNBOUNDED_TEXT: Lint = Lint {
    code: "RL007",
    name: "unbounded-text",
    title: "a text without a greatest length",
    text: "A client may fill it with as much as a body may have, and every list repeats it.",
    is_optional: false,
};
static UNBOUNDED_LIST: Lint = Lint {
    code: "RL008",
    name: "unbounded-list",
    title: "a list or map without a greatest length",
    text: "It is read and written whole, so each change costs as much as it holds.",
    is_optional: false,
};
static UNBOUNDED_INDEX: Lint = Lint {
    code: "RL009",
    name: "unbounded-index",
    title: "a text without a greatest length that lists are filtered or ordered by",
    text: "Its index holds every value a second time, and few long values fit on a page of it.",
    is_optional: false,
};
static UNBOUNDED_UNIQUE: Lint = Lint {
    code: "RL010",
    name: "unbounded-unique",
    title: "a unique text without a greatest length",
    text: "Its index holds every value a second time, and every write compares with it.",
    is_optional: false,
};
static UNIQUE_SECRET: Lint = Lint {
    code: "RL011",
    name: "unique-secret",
    title: "a unique field that is input-only",
    text: "It is never given out, and yet whoever may write finds out by trying which values are taken.",
    is_optional: false,
};
static APEX_HOST: Lint = Lint {
    code: "RL012",
    name: "apex-host",
    title: "a public URL whose host is a whole domain, such as `https://example.com`",
    text: "Its cookies and its HSTS policy hold for every host below it, and no CNAME can lead it to another provider.",
    is_optional: false,
};

static SCANNED_FILTER: Lint = Lint {
    code: "RL501",
    name: "scanned-filter",
    title: "a list, a map or a nested struct that lists are filtered by",
    text: "No index has what is within it, so such a filter looks at every resource below the parent.",
    is_optional: true,
};

/// What was found, and where.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) lint: &'static Lint,
    /// What it is about: `Device.serialNumber`.
    subject: String,
    message: String,
    help: String,
}

impl Finding {
    fn new(
        lint: &'static Lint,
        subject: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { lint, subject: subject.into(), message: message.into(), help: help.into() }
    }

    /// The finding as `check` prints it: two lines.
    pub(super) fn text(&self, level: Level) -> String {
        let Self { lint, subject, message, help } = self;
        format!("{level}[{}] {subject}: {message}\n  help: {help}\n", lint.code)
    }

    /// The finding as one line of the log.
    pub(super) fn line(&self) -> String {
        let Self { subject, message, help, .. } = self;
        format!("{subject}: {message}; {help}")
    }
}

/// What is found in the public URL [R163].
pub(super) fn public_url(url: &str) -> Option<Finding> {
    let (scheme, authority) = url.split_once("://")?;
    if !address::is_apex(authority) {
        return None;
    }
    let message = "the host is a whole domain: its cookies and its HSTS policy hold for every host below it, and no \
                   CNAME can lead it to another provider";
    let help = format!("serve the API below it, such as at `{scheme}://api.{authority}`");
    Some(Finding::new(&APEX_HOST, url, message, help))
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Warning,
    /// The lint is denied.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// What one `--deny` or `--allow` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    All,
    One(&'static Lint),
}

impl Selected {
    /// The selection called `text`, by code or name.
    pub(super) fn named(text: &str) -> Option<Self> {
        let is = |name: &str| name.eq_ignore_ascii_case(text);
        if is("all") {
            return Some(Self::All);
        }
        LINTS.iter().find(|lint| is(lint.name) || is(lint.code)).map(|lint| Self::One(lint))
    }

    fn is(self, lint: &Lint) -> bool {
        match self {
            Self::All => true,
            Self::One(selected) => selected == lint,
        }
    }
}

/// How each lint is weighed.
#[derive(Clone, Debug, Default)]
pub(super) struct Levels {
    pub(super) denied: Vec<Selected>,
    pub(super) allowed: Vec<Selected>,
}

impl Levels {
    /// The level of a lint; `None` where it is allowed, which wins over being denied, or optional and not denied by name.
    pub(super) fn of(&self, lint: &Lint) -> Option<Level> {
        if self.allowed.iter().any(|selected| selected.is(lint)) {
            return None;
        }
        let is_denied = self.denied.iter().any(|selected| match selected {
            Selected::All => !lint.is_optional,
            Selected::One(selected) => *selected == lint,
        });
        match (is_denied, lint.is_optional) {
            (true, _) => Some(Level::Error),
            (false, true) => None,
            (false, false) => Some(Level::Warning),
        }
    }
}

#[cfg(test)]
mod tests;
