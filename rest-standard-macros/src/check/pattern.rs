//! Patterns: regular expressions that mean the same to the service and to JSON Schema.
//!
//! The document gives a pattern to clients, who read it as ECMA-262 with the flag `u`. What the crate `regex` reads in
//! another way is refused, so that no client is told of another language than the one that is checked. `\p{…}` is the
//! exception: readers without the flag take it for something else, so the document says such a pattern in words.

use regex_syntax::ast::{
    self, AssertionKind, Ast, ClassPerlKind, ClassSetItem, GroupKind, HexLiteralKind, LiteralKind, Visitor,
    parse::Parser,
};

use crate::{
    attr::Keyed,
    code::Code,
    diag::{Problem, Sink},
    model::Constraint,
};

/// The pattern is judged by the parser that compiles it at start.
pub(super) fn pattern(option: &Keyed<syn::LitStr>, sink: &mut Sink) -> Option<Constraint> {
    let text = option.value.value();
    if let Err(error) = regex_syntax::parse(&text) {
        let reason = match &error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            _ => error.to_string(),
        };
        let mut problem =
            Problem::at(Code::Pattern, &option.value, "`pattern` is not a regular expression").note(reason);
        if text.contains("(?=") || text.contains("(?!") || text.contains("(?<=") || text.contains("(?<!") {
            problem = problem
                .help("look-around would make matching slow; check that part in a rule (`impl Rules`)");
        } else {
            problem = problem.help("the syntax is that of the crate `regex`, and the whole text must match");
        }
        sink.push(problem);
        return None;
    }
    if let Some(Own { part, help }) = own(&text) {
        sink.push(
            Problem::at(
                Code::PatternDiffers,
                &option.value,
                format!("`{part}` in `pattern` means something else in JSON Schema, or nothing"),
            )
            .note("clients read the pattern in the OpenAPI document, as ECMA-262 has it")
            .help(help),
        );
        return None;
    }
    Some(Constraint::Pattern(option.value.clone()))
}

/// A part of a pattern that ECMA-262 reads otherwise, and what to write.
struct Own {
    part: String,
    help: String,
}

fn own(text: &str) -> Option<Own> {
    let ast = Parser::new().parse(text).ok()?;
    ast::visit(&ast, Portable { text }).err()
}

struct Portable<'a> {
    text: &'a str,
}

impl Portable<'_> {
    fn refuse(&self, span: &ast::Span, help: impl Into<String>) -> Result<(), Own> {
        let part = self.text.get(span.start.offset..span.end.offset).unwrap_or_default();
        Err(Own { part: part.to_owned(), help: help.into() })
    }

    fn literal(&self, literal: &ast::Literal, is_in_class: bool) -> Result<(), Own> {
        let char = literal.c;
        let itself = format!("write `{char}` without `\\`");
        match literal.kind {
            LiteralKind::Verbatim if !is_in_class && matches!(char, ']' | '}' | '{') => {
                self.refuse(&literal.span, format!("write `\\{char}`"))
            }
            LiteralKind::Meta | LiteralKind::Superfluous if "^$\\.*+?()[]{}|/".contains(char) => Ok(()),
            LiteralKind::Meta if char == '-' && is_in_class => Ok(()),
            LiteralKind::Meta | LiteralKind::Superfluous => self.refuse(&literal.span, itself),
            LiteralKind::Special(ast::SpecialLiteralKind::Bell | ast::SpecialLiteralKind::Space) => {
                self.refuse(&literal.span, "write the character itself")
            }
            LiteralKind::HexFixed(HexLiteralKind::UnicodeLong)
            | LiteralKind::HexBrace(_)
            | LiteralKind::Octal => self.refuse(&literal.span, "write the character itself"),
            LiteralKind::Verbatim | LiteralKind::Special(_) | LiteralKind::HexFixed(_) => Ok(()),
        }
    }

    fn perl(&self, class: &ast::ClassPerl, is_in_class: bool) -> Result<(), Own> {
        let members = match class.kind {
            ClassPerlKind::Digit => "0-9",
            ClassPerlKind::Space => " \\t\\n\\r",
            ClassPerlKind::Word => "0-9A-Za-z_",
        };
        let help = match (class.negated, is_in_class) {
            (false, true) => {
                format!("write `{members}`, or `\\p{{…}}` for the letters or digits of all languages")
            }
            (true, true) => format!("write a class of what is meant, such as `[^{members}]`"),
            (false, false) => {
                format!("write `[{members}]`, or `\\p{{…}}` for the letters or digits of all languages")
            }
            (true, false) => format!("write `[^{members}]`"),
        };
        self.refuse(&class.span, help)
    }
}

impl Visitor for Portable<'_> {
    type Output = ();
    type Err = Own;

    fn finish(self) -> Result<(), Own> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Own> {
        match ast {
            Ast::Flags(flags) => {
                self.refuse(&flags.span, "leave the flags out; `[Aa]` is an `a` of any case")
            }
            Ast::Dot(span) => self.refuse(span, "write `[^\\n]` for any character but the end of a line"),
            Ast::ClassPerl(class) => self.perl(class, false),
            Ast::Literal(literal) => self.literal(literal, false),
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine | AssertionKind::EndLine => Ok(()),
                AssertionKind::StartText | AssertionKind::EndText => {
                    self.refuse(&assertion.span, "leave it out: the whole text must match")
                }
                _ => self.refuse(
                    &assertion.span,
                    "name the characters that may stand there, as in `[a-z]+( [a-z]+)*`",
                ),
            },
            Ast::Group(group) => match &group.kind {
                GroupKind::CaptureIndex(_) => Ok(()),
                GroupKind::NonCapturing(flags) if flags.items.is_empty() => Ok(()),
                GroupKind::NonCapturing(flags) => {
                    self.refuse(&flags.span, "leave the flags out; `[Aa]` is an `a` of any case")
                }
                GroupKind::CaptureName { name, .. } => self.refuse(&name.span, "write `(…)`, without a name"),
            },
            Ast::Repetition(repetition)
                if matches!(*repetition.ast, Ast::Repetition(_) | Ast::Assertion(_)) =>
            {
                self.refuse(&repetition.op.span, "put what is repeated into parentheses")
            }
            _ => Ok(()),
        }
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Own> {
        match item {
            ClassSetItem::Literal(literal) => self.literal(literal, true),
            ClassSetItem::Range(range) => {
                self.literal(&range.start, true)?;
                self.literal(&range.end, true)
            }
            ClassSetItem::Ascii(class) => {
                self.refuse(&class.span, "write the characters, such as `A-Za-z` for `[:alpha:]`")
            }
            ClassSetItem::Perl(class) => self.perl(class, true),
            ClassSetItem::Bracketed(class) => {
                self.refuse(&class.span, "write one class, without brackets within it; `\\[` is a bracket")
            }
            ClassSetItem::Empty(_) | ClassSetItem::Unicode(_) | ClassSetItem::Union(_) => Ok(()),
        }
    }

    fn visit_class_set_binary_op_pre(&mut self, op: &ast::ClassSetBinaryOp) -> Result<(), Own> {
        self.refuse(
            &op.span,
            "write the class that is meant; a character that stands for itself has a `\\` before it",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn what_means_the_same_is_taken() {
        for pattern in [
            "[A-Z]{3}",
            "[0-9]+-[a-z]?",
            "(a|b)*c",
            "(?:ab){2,}",
            "^a$",
            r"a\.b\/\[\{",
            r"[\-\]\\^.]",
            r"\x41\u00E9\t",
            r"\p{L}+",
            r"[^\n]*",
            "é+?",
            "[a-]",
            "a{0,3}",
            "",
        ] {
            assert!(own(pattern).is_none_or(|own| panic!("{pattern}: {} {}", own.part, own.help)));
        }
    }

    #[test]
    fn what_means_something_else_is_refused_where_it_stands() {
        for (pattern, part) in [
            (r"a\d+", r"\d"),
            (r"[a\w]", r"\w"),
            (r"\S", r"\S"),
            ("a.b", "."),
            ("(?i)a", "(?i)"),
            ("(?i:a)", "i"),
            ("(?P<n>a)", "n"),
            ("(?<n>a)", "n"),
            (r"\ba", r"\b"),
            (r"\Aa", r"\A"),
            ("[[:alpha:]]", "[:alpha:]"),
            ("[a[b]]", "[b]"),
            ("[a&&b]", "a&&b"),
            ("[a--b]", "a--b"),
            (r"\x{1F600}", r"\x{1F600}"),
            ("a]", "]"),
            (r"\@", r"\@"),
            (r"\-", r"\-"),
            ("a{2}{3}", "{3}"),
            (r"\a", r"\a"),
            ("a**", "*"),
        ] {
            assert_eq!(own(pattern).map(|own| own.part).as_deref(), Some(part), "{pattern}");
        }
    }
}
