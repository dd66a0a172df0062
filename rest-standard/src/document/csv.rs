//! The CSV form of a list (RFC 4180): a header row of dotted field names, then a row for each element.
//!
//! It is written here, token by token: what tells null from an empty text are the quotes around the latter, which CSV
//! libraries put only where they must.

use super::{
    expanded::Expanded,
    tokens::{Token, Tokens},
};
use crate::{
    descriptor::{FieldDescriptor, FieldKind},
    query::{Own, Part, Selection},
    tree::{Node, Tree},
};

/// The columns of a list, in the order of an element's members. A nested struct has one for each of its members, and with a
/// selection there are no others than it names.
pub(crate) fn columns(node: &Node, selection: Option<&Selection>) -> Vec<String> {
    let mut columns = vec!["id".to_owned(), "url".to_owned()];
    for (index, field) in node.descriptor.fields.iter().enumerate() {
        let part = selection.map_or(&Part::Whole, |selection| selection.field(index));
        add_columns(field, "", part, &mut columns);
    }
    let shown = Own::of(node.descriptor);
    let shown = shown.filter(|(_, own)| selection.is_none_or(|selection| selection.has(*own)));
    columns.extend(shown.map(|(name, _)| name.to_owned()));
    columns
}

/// The columns of what the fields refer to, without its links.
pub(crate) fn expanded_columns(tree: &Tree, node: &Node, expanded: &Expanded) -> Vec<String> {
    let mut all = Vec::new();
    for (index, target) in expanded.fields() {
        let name = node.descriptor.fields[*index].name;
        let own = columns(tree.node(*target), None).into_iter().filter(|column| column != "links");
        all.extend(own.map(|column| format!("expanded.{name}.{column}")));
    }
    all
}

fn add_columns(field: &FieldDescriptor, above: &str, part: &Part, columns: &mut Vec<String>) {
    if field.input_only || *part == Part::Nothing {
        return;
    }
    let name = format!("{above}{}", field.name);
    match field.kind {
        FieldKind::Object(value) => {
            for inner in value.fields {
                add_columns(inner, &format!("{name}."), part.member(inner.name), columns);
            }
        }
        _ => columns.push(name),
    }
}

/// The rows of a JSON array of objects, below the header row.
pub(crate) fn from_json(elements: &[u8], columns: &[String]) -> Vec<u8> {
    let mut out = header(columns);
    out.extend(rows(elements, columns));
    out
}

/// The header row.
pub(crate) fn header(columns: &[String]) -> Vec<u8> {
    let mut out = String::new();
    for (at, column) in columns.iter().enumerate() {
        separate(&mut out, at);
        push_text(&mut out, column);
    }
    out.push_str("\r\n");
    out.into_bytes()
}

/// The rows of a JSON array of objects, or of objects one after the other, without the header row.
pub(crate) fn rows(elements: &[u8], columns: &[String]) -> Vec<u8> {
    let mut out = String::with_capacity(elements.len());
    let mut tokens = Tokens::new(elements);
    let mut cells = vec![String::new(); columns.len()];
    while let Some(token) = tokens.next() {
        if token == Token::BeginObject {
            cells.iter_mut().for_each(String::clear);
            read_members(&mut tokens, &mut String::new(), columns, &mut cells, &mut 0);
            for (at, cell) in cells.iter().enumerate() {
                separate(&mut out, at);
                out.push_str(cell);
            }
            out.push_str("\r\n");
        }
    }
    out.into_bytes()
}

/// Reads an object's members into the cells of their columns. `next` is where the column of the next member is looked for
/// first: members come in the order of the columns.
fn read_members(
    tokens: &mut Tokens<'_>,
    path: &mut String,
    columns: &[String],
    cells: &mut [String],
    next: &mut usize,
) {
    while let Some(Token::Name(name)) = tokens.next() {
        let length = path.len();
        path.push_str(&name);
        let found = columns.get(*next).filter(|column| *column == path).map(|_| *next);
        if let Some(at) = found.or_else(|| columns.iter().position(|column| column == path)) {
            *next = at + 1;
            read_cell(tokens, &mut cells[at]);
        } else if tokens.is_nested() && is_struct(path, columns, *next) {
            tokens.next();
            path.push('.');
            read_members(tokens, path, columns, cells, next);
        } else {
            // A nested struct that is null leaves its columns empty.
            tokens.value();
        }
        path.truncate(length);
    }
}

/// Whether there are columns for the members of what is at `path`.
fn is_struct(path: &str, columns: &[String], next: usize) -> bool {
    let is_below = |column: &String| column.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    columns.get(next).is_some_and(is_below) || columns.iter().any(is_below)
}

fn read_cell(tokens: &mut Tokens<'_>, cell: &mut String) {
    if tokens.is_nested() {
        push_text(cell, tokens.value());
        return;
    }
    match tokens.next() {
        Some(Token::Text(text)) => push_text(cell, &text),
        Some(Token::Plain(text)) => cell.push_str(text),
        _ => {}
    }
}

fn separate(out: &mut String, at: usize) {
    if at > 0 {
        out.push(',');
    }
}

/// Appends a field with the quotes that it needs: for what would end it, and for an empty text, which is not null.
fn push_text(out: &mut String, text: &str) {
    if !text.is_empty() && !text.contains(['"', ',', '\r', '\n']) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for (at, part) in text.split('"').enumerate() {
        out.push_str(if at > 0 { "\"\"" } else { "" });
        out.push_str(part);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::from_json;

    fn check(columns: &[&str], json: &str, csv: &str) {
        let columns: Vec<_> = columns.iter().map(|column| (*column).to_owned()).collect();
        let written = String::from_utf8(from_json(json.as_bytes(), &columns)).expect("CSV is UTF-8");
        assert_eq!(written, csv.replace('\n', "\r\n"));
    }

    #[test]
    fn a_list_without_elements_is_a_header_row() {
        check(&["id", "a.b"], "[]", "id,a.b\n");
    }

    #[test]
    fn nested_structs_have_columns_and_lists_and_maps_are_json() {
        check(
            &["id", "a.b", "a.c.d", "tags", "more"],
            r#"[{"id":1,"a":{"b":true,"c":{"d":"x"}},"tags":["p","q"],"more":{"k":[1]}},{"id":2,"a":null,"tags":[],"more":{}}]"#,
            "id,a.b,a.c.d,tags,more\n1,true,x,\"[\"\"p\"\",\"\"q\"\"]\",\"{\"\"k\"\":[1]}\"\n2,,,[],{}\n",
        );
    }

    #[test]
    fn a_field_is_quoted_where_it_must_be_and_an_empty_text_is_not_null() {
        check(
            &["a", "b"],
            r#"[{"a":"","b":null},{"a":"x,\"y\"","b":" z=1"}]"#,
            "a,b\n\"\",\n\"x,\"\"y\"\"\", z=1\n",
        );
        let broken = from_json(br#"[{"a":"1\r\n2"}]"#, &["a".to_owned()]);
        assert_eq!(broken, b"a\r\n\"1\r\n2\"\r\n");
    }

    #[test]
    fn members_without_a_column_are_passed_over() {
        check(&["b"], r#"[{"a":{"b":1},"b":2,"c":[{"b":3}]}]"#, "b\n2\n");
    }
}
