//! The grammar of AIP-160, from text to a tree.
//!
//! Juxtaposition and `AND` are the same, and `OR` binds tighter than both. Functions belong to the grammar and are refused
//! by name. White space divides terms, so that `a = 1(b = 2)` and `NOT(a = 1)` are no filters.

use super::{DEEPEST, LONGEST, MOST_TERMS, Problem};
use crate::query::order::shown;

/// A filter, or a part of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expression {
    /// All hold.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// One term.
    Restriction(Restriction),
}

/// A field, a comparator and a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Restriction {
    /// The dotted names; at least one.
    pub(super) path: Vec<Name>,
    pub(super) comparator: Comparator,
    pub(super) comparator_at: usize,
    pub(super) argument: Argument,
}

/// One of the dotted names, and where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::query) struct Name {
    pub(in crate::query) text: String,
    pub(in crate::query) at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Has,
}

impl Comparator {
    /// Longer ones before those that they begin with.
    const ALL: [(&'static str, Self); 7] = [
        ("!=", Self::NotEqual),
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("=", Self::Equal),
        ("<", Self::Less),
        (">", Self::Greater),
        (":", Self::Has),
    ];

    pub(super) fn text(self) -> &'static str {
        Self::ALL.iter().find(|(_, other)| *other == self).map_or("", |(text, _)| *text)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Argument {
    pub(super) at: usize,
    pub(super) value: Written,
}

/// A value as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Without quotes.
    Bare(String),
    /// In quotes, which are taken off, with its escapes resolved.
    Quoted {
        text: String,
        /// Whether it begins with a `*` that is not escaped.
        opens: bool,
        /// Whether it ends with another one, or is a single one.
        closes: bool,
    },
}

type Parsed<T> = Result<T, Problem>;

/// The expression of a filter; `None` where there is nothing but white space.
pub(super) fn parse(text: &str) -> Parsed<Option<Expression>> {
    if text.len() > LONGEST {
        let detail = format!("must have {LONGEST} bytes at most, got {}", text.len());
        return Err(Problem::new(text[..text.floor_char_boundary(LONGEST)].chars().count(), detail));
    }
    let mut parser = Parser { chars: text.chars().collect(), at: 0, depth: 0, terms: 0 };
    parser.space();
    if parser.peek().is_none() {
        return Ok(None);
    }
    let expression = parser.expression()?;
    match parser.peek() {
        None => Ok(Some(expression)),
        Some(')') => parser.fail("has a `)` without its `(`"),
        Some(_) => parser.fail("must have a space between two terms"),
    }
}

/// Dotted names separated by commas, as `$select` has them. White space may stand around each.
pub(in crate::query) fn paths(text: &str) -> Parsed<Vec<Vec<Name>>> {
    let mut parser = Parser { chars: text.chars().collect(), at: 0, depth: 0, terms: 0 };
    let mut paths = Vec::new();
    loop {
        parser.space();
        paths.push(parser.path()?);
        parser.space();
        match parser.peek() {
            None => return Ok(paths),
            Some(',') => parser.at += 1,
            Some(char) => return parser.fail(format!("must have a comma between two fields, got `{char}`")),
        }
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    /// How many parentheses are open.
    depth: usize,
    terms: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn fail<T>(&self, detail: impl Into<String>) -> Parsed<T> {
        Err(Problem::new(self.at, detail))
    }

    /// Skips white space; gives whether there was some.
    fn space(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        self.at > start
    }

    /// Whether the whole word here is `word`.
    fn is_at(&self, word: &str) -> bool {
        let rest = &self.chars[self.at..];
        let length = word.len();
        rest.iter().take(length).copied().eq(word.chars()) && !rest.get(length).copied().is_some_and(is_bare)
    }

    /// The word here, as far as it goes; empty where there is none.
    fn bare(&self) -> String {
        self.chars[self.at..].iter().take_while(|char| is_bare(**char)).collect()
    }

    fn expression(&mut self) -> Parsed<Expression> {
        let mut all = vec![self.factor()?];
        loop {
            let spaced = self.space();
            match self.peek() {
                None | Some(')') => break,
                Some(_) if !spaced => return self.fail("must have a space between two terms"),
                Some(_) if self.is_at("AND") => {
                    self.at += 3;
                    self.operand("AND")?;
                }
                Some(_) if self.is_at("OR") => return self.fail("has an `OR` without a term before it"),
                Some(_) => {}
            }
            all.push(self.factor()?);
        }
        Ok(one_or(all, Expression::All))
    }

    /// Terms joined by `OR`.
    fn factor(&mut self) -> Parsed<Expression> {
        let mut any = vec![self.term()?];
        loop {
            let start = self.at;
            if !(self.space() && self.is_at("OR")) {
                self.at = start;
                break;
            }
            self.at += 2;
            self.operand("OR")?;
            any.push(self.term()?);
        }
        Ok(one_or(any, Expression::Any))
    }

    /// What follows a keyword begins after a space.
    fn operand(&mut self, keyword: &str) -> Parsed<()> {
        let spaced = self.space();
        match self.peek() {
            None | Some(')') => self.fail(format!("must have a term after `{keyword}`")),
            Some(_) if !spaced => self.fail(format!("must have a space after `{keyword}`")),
            Some(_) if self.is_at("AND") || self.is_at("OR") || (keyword == "NOT" && self.is_at("NOT")) => {
                self.fail(format!("must have a term after `{keyword}`, got `{}`", self.bare()))
            }
            Some(_) => Ok(()),
        }
    }

    fn term(&mut self) -> Parsed<Expression> {
        for keyword in ["AND", "OR"] {
            if self.is_at(keyword) {
                return self.fail(format!("must have a term before `{keyword}`"));
            }
        }
        if self.is_at("NOT") {
            self.at += 3;
            self.operand("NOT")?;
            return Ok(Expression::Not(Box::new(self.simple()?)));
        }
        if self.peek() == Some('-') {
            self.at += 1;
            return Ok(Expression::Not(Box::new(self.simple()?)));
        }
        self.simple()
    }

    fn simple(&mut self) -> Parsed<Expression> {
        if self.peek() != Some('(') {
            return self.restriction().map(Expression::Restriction);
        }
        let open = self.at;
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail(format!("must be nested {DEEPEST} levels deep at most"));
        }
        self.at += 1;
        self.space();
        match self.peek() {
            Some(')') => return self.fail("must have a term between `(` and `)`"),
            None => return Err(Problem::new(open, "has a `(` without its `)`")),
            Some(_) => {}
        }
        let inner = self.expression()?;
        if self.peek() != Some(')') {
            return Err(Problem::new(open, "has a `(` without its `)`"));
        }
        self.at += 1;
        self.depth -= 1;
        Ok(inner)
    }

    fn restriction(&mut self) -> Parsed<Restriction> {
        let start = self.at;
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return self.fail(format!("must have {MOST_TERMS} terms at most"));
        }
        let path = self.path()?;
        if self.peek() == Some('(') {
            self.at = start;
            return Err(self.function());
        }
        self.space();
        let comparator_at = self.at;
        let Some(comparator) = self.comparator()? else {
            return Err(without_comparator(start, &self.chars[start..], &path));
        };
        self.space();
        let argument = self.argument(comparator)?;
        Ok(Restriction { path, comparator, comparator_at, argument })
    }

    /// Dotted names. A name with other characters stands in quotes.
    fn path(&mut self) -> Parsed<Vec<Name>> {
        let mut path = Vec::new();
        loop {
            let at = self.at;
            let text = match self.peek() {
                Some('"' | '\'') => self.quoted()?.0,
                _ => {
                    let rest = self.chars[self.at..].iter();
                    let name: String = rest.take_while(|char| is_bare(**char) && **char != '.').collect();
                    self.at += name.chars().count();
                    name
                }
            };
            if text.is_empty() && at == self.at {
                return match self.peek() {
                    None => self.fail("must name a field, got its end"),
                    Some(char) => self.fail(format!("must name a field, got `{char}`")),
                };
            }
            path.push(Name { text, at });
            if self.peek() != Some('.') {
                return Ok(path);
            }
            self.at += 1;
        }
    }

    fn function(&self) -> Problem {
        let name = self.bare();
        let detail = match name.as_str() {
            "AND" | "OR" | "NOT" => format!("must have a space after `{name}`"),
            _ => format!("must not call functions, got `{}(`", shown(&name)),
        };
        Problem::new(self.at, detail)
    }

    fn comparator(&mut self) -> Parsed<Option<Comparator>> {
        let is_here = |text: &str| text.chars().eq(self.chars[self.at..].iter().copied().take(text.len()));
        for (wrong, right) in [("==", "="), ("=~", "="), ("<>", "!="), ("=<", "<="), ("=>", ">=")] {
            if is_here(wrong) {
                return self.fail(format!("has no comparator `{wrong}`, did you mean `{right}`?"));
            }
        }
        let Some((text, comparator)) = Comparator::ALL.into_iter().find(|(text, _)| is_here(text)) else {
            return match self.peek() {
                Some('!') => self.fail("has no comparator `!`, did you mean `!=`?"),
                _ => Ok(None),
            };
        };
        self.at += text.len();
        Ok(Some(comparator))
    }

    fn argument(&mut self, comparator: Comparator) -> Parsed<Argument> {
        let at = self.at;
        let value = match self.peek() {
            Some('"' | '\'') => {
                let (text, opens, closes) = self.quoted()?;
                Written::Quoted { text, opens, closes }
            }
            Some('(') => return self.fail(
                "must have one value here; put the whole term into the parentheses, as in `(a = 1 OR a = 2)`",
            ),
            _ => {
                let text = self.bare();
                if text.is_empty() || ["AND", "OR", "NOT"].contains(&text.as_str()) {
                    let found = match self.peek() {
                        None => "its end".to_owned(),
                        Some(char) if text.is_empty() => format!("`{char}`"),
                        Some(_) => format!("`{text}`, which as a text needs quotes"),
                    };
                    return self
                        .fail(format!("must have a value after `{}`, got {found}", comparator.text()));
                }
                self.at += text.chars().count();
                if self.peek() == Some('(') {
                    self.at = at;
                    return Err(self.function());
                }
                if let Some(char @ (':' | '=' | '<' | '>' | '!' | ',' | '"' | '\'')) = self.peek() {
                    return self.fail(format!("must have quotes around a value with `{char}` in it"));
                }
                Written::Bare(text)
            }
        };
        match self.peek() {
            None | Some(')') => {}
            Some(char) if char.is_whitespace() => {}
            Some(char) => return self.fail(format!("must have a space after a value, got `{char}`")),
        }
        Ok(Argument { at, value })
    }

    /// A text in quotes, and whether stars that are not escaped stand at its ends.
    fn quoted(&mut self) -> Parsed<(String, bool, bool)> {
        let start = self.at;
        let quote = self.peek();
        self.at += 1;
        let (mut text, mut opens, mut closes) = (String::new(), false, false);
        loop {
            let first = text.is_empty();
            match self.peek() {
                None => return Err(Problem::new(start, "has a quote without its end")),
                char if char == quote => {
                    self.at += 1;
                    return Ok((text, opens, closes));
                }
                Some('\\') => {
                    match self.chars.get(self.at + 1) {
                        Some(char @ ('"' | '\'' | '\\' | '*')) => text.push(*char),
                        Some(char) => {
                            return self.fail(format!(
                                "has the escape `\\{char}`; escapes are `\\\"`, `\\'`, `\\\\` and `\\*`"
                            ));
                        }
                        None => return Err(Problem::new(start, "has a quote without its end")),
                    }
                    closes = false;
                    self.at += 2;
                }
                Some(char) => {
                    closes = char == '*';
                    opens |= first && closes;
                    text.push(char);
                    self.at += 1;
                }
            }
        }
    }
}

/// The characters of a word outside quotes.
fn is_bare(char: char) -> bool {
    !char.is_whitespace() && !matches!(char, '(' | ')' | ',' | '"' | '\'' | '<' | '>' | '=' | '!' | ':')
}

fn one_or(mut parts: Vec<Expression>, joined: impl FnOnce(Vec<Expression>) -> Expression) -> Expression {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            joined(parts)
        }
    }
}

fn without_comparator(at: usize, rest: &[char], path: &[Name]) -> Problem {
    let word: String = rest.iter().take_while(|char| is_bare(**char)).collect();
    let meant = match word.to_ascii_lowercase().as_str() {
        "and" | "&&" | "&" => "; did you mean `AND`?",
        "or" | "||" | "|" => "; did you mean `OR`?",
        "not" => "; did you mean `NOT`?",
        _ => "",
    };
    if !meant.is_empty() {
        return Problem::new(at, format!("has a term `{word}` without comparator{meant}"));
    }
    let name = path.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
    let detail = format!(
        "must have a comparator after `{}`, one of `=`, `!=`, `<`, `<=`, `>`, `>=` and `:`",
        shown(&name)
    );
    Problem::new(at, detail)
}
