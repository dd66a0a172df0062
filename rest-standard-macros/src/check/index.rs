//! The rules of `index(…)`.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::{
    attr::Keyed,
    code::Code,
    diag::{Problem, Sink, closest, one_of},
    model::Field,
    symbol,
};

/// The indexes of a resource with these fields, as places of fields.
pub(super) fn indexes(raw: &[Keyed<Vec<Ident>>], fields: &[Field], sink: &mut Sink) -> Vec<Vec<usize>> {
    let mut indexes: Vec<Vec<usize>> = Vec::new();
    for written in raw {
        let mut is_whole = true;
        let mut index: Vec<usize> = Vec::new();
        for name in &written.value {
            let found = match field(name, fields) {
                Ok(at) if index.contains(&at) => {
                    let text = format!("the index names `{name}` twice");
                    Err(Problem::at(Code::Index, name, text).help("leave one out"))
                }
                found => found,
            };
            match found {
                Ok(at) => index.push(at),
                Err(problem) => {
                    sink.push(problem);
                    is_whole = false;
                }
            }
        }
        // What a refused name was meant to be is not known.
        if !is_whole {
            continue;
        }
        if index.len() < 2 {
            sink.push(
                Problem::at(Code::Index, &written.key, "an index names two fields or more")
                    .note("`filter` and `order` make the index of one field")
                    .help("write `index(volume, display_name)`: what lists are filtered by, then what they are ordered by"),
            );
        } else if indexes.contains(&index) {
            sink.push(
                Problem::at(Code::Index, &written.key, "the same index is there twice").help("leave one out"),
            );
        }
        indexes.push(index);
    }
    indexes
}

fn field(name: &Ident, fields: &[Field]) -> Result<usize, Problem> {
    let text = name.unraw().to_string();
    let columns: Vec<&str> = fields.iter().map(|field| field.column.as_str()).collect();
    let Some(at) = columns.iter().position(|column| *column == text) else {
        let problem = Problem::at(Code::Index, name, format!("the index names `{text}`, which is no field"));
        return Err(match closest(&text, &columns) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None if columns.is_empty() => problem.help("leave the index out"),
            None => problem.help(format!("fields are {}", one_of(&columns))),
        });
    };
    let is_asked = fields[at].flags.iter().any(|flag| flag == symbol::FILTER || flag == symbol::ORDER);
    if is_asked {
        return Ok(at);
    }
    Err(Problem::at(Code::Index, name, format!("no list is filtered or ordered by `{text}`"))
        .note("so that nothing could use the index")
        .help(format!(
            "write `#[field(filter)]` or `#[field(order)]` on `{text}`, or leave it out of the index"
        )))
}
