//! Documentation comments as text.

use syn::{Attribute, Expr, Lit, Meta};

use crate::{
    attr::ungroup,
    code::Code,
    diag::{Problem, Sink},
};

/// The text of the `///` lines: each without its first space, joined by line breaks.
pub(crate) fn text(attributes: &[Attribute], sink: &mut Sink) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        let Meta::NameValue(meta) = &attribute.meta else { continue };
        if !meta.path.is_ident("doc") {
            continue;
        }
        match ungroup(&meta.value) {
            Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => {
                lines.extend(
                    text.value().split('\n').map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned()),
                );
            }
            other => sink.push(
                Problem::at(Code::Documentation, other, "the documentation must be literal text")
                    .note("it becomes the description in the API's document")
                    .help("write it as `///` lines"),
            ),
        }
    }
    lines.join("\n").trim().to_owned()
}
