//! The declarations as Rust.

use std::fmt::Write as _;

use rest_standard_names as name;

use super::{
    declaration::{Entity, Enumeration, Field},
    fields::identifier,
};
use crate::descriptor::IdKind;

/// The files: one for each resource, one that knows them all, and a program that serves them.
pub(super) fn files(entities: &[Entity], service: &str) -> Vec<(String, String)> {
    let mut files =
        vec![("main.rs".to_owned(), program(service)), ("resources/mod.rs".to_owned(), list(entities))];
    for entity in entities {
        files.push((format!("resources/{}.rs", module(entity)), resource(entity)));
    }
    files
}

fn module(entity: &Entity) -> String {
    let module = name::to_snake(&entity.name);
    // These are the files that say more than one resource.
    if ["main", "lib", "mod"].contains(&module.as_str()) { format!("{module}_resource") } else { module }
}

fn program(service: &str) -> String {
    format!(
        "//! The tables of a database as a REST service.\n\n\
         mod resources;\n\n\
         use rest_standard::prelude::*;\n\n\
         #[tokio::main]\n\
         async fn main() -> Result<()> {{\n    \
         Service::new({service:?}).version(\"v1\", resources::register).run().await\n\
         }}\n"
    )
}

fn list(entities: &[Entity]) -> String {
    let mut modules: Vec<String> = entities.iter().map(module).collect();
    modules.sort();
    let mut text = "//! The resources, one file each.\n\n".to_owned();
    for module in &modules {
        let _ = writeln!(text, "mod {};", identifier(module));
    }
    text.push_str("\nuse rest_standard::command::Resources;\n\n");
    text.push_str("/// Registers all of them, parents before what is below them.\n");
    text.push_str("pub fn register(api: Resources) -> Resources {\n    api");
    for entity in entities {
        let _ = write!(text, "\n        .resource::<{}::{}>()", identifier(&module(entity)), entity.name);
    }
    text.push_str("\n}\n");
    text
}

fn resource(entity: &Entity) -> String {
    let what = match &entity.key {
        Some(_) => format!("the table `{}`", entity.table),
        None => format!("what the table `{}` holds", entity.table),
    };
    let mut text = format!("//! The resources of {what}.\n\nuse rest_standard::prelude::*;\n");
    let others: Vec<&String> =
        entity.parent.iter().chain(references(entity)).filter(|name| **name != entity.name).collect();
    let mut others: Vec<String> = others
        .into_iter()
        .map(|name| format!("use super::{}::{name};", identifier(&name::to_snake(name))))
        .collect();
    others.sort();
    others.dedup();
    if !others.is_empty() {
        let _ = writeln!(text, "\n{}", others.join("\n"));
    }
    let noun = name::to_kebab(&entity.name).replace('-', " ");
    let of = match &entity.key {
        Some(_) => format!("A row of `{}`.", entity.table),
        None => format!("One {noun}."),
    };
    let _ = writeln!(text, "\n/// {of}\n#[resource(");
    for option in options(entity) {
        let _ = writeln!(text, "    {option},");
    }
    let _ = writeln!(text, ")]\n#[derive(Debug)]\npub struct {} {{", entity.name);
    for field in &entity.fields {
        push_field(&mut text, field, entity.key.is_some());
    }
    text.push_str("}\n");
    for declared in &entity.enums {
        push_enum(&mut text, declared);
    }
    text
}

/// The resources that fields refer to.
fn references(entity: &Entity) -> impl Iterator<Item = &String> {
    entity.fields.iter().filter_map(|field| field.reference.as_ref())
}

fn options(entity: &Entity) -> Vec<String> {
    let place = if entity.is_singleton { "singleton" } else { "collection" };
    let mut options = vec![format!("{place} = {:?}", entity.segment)];
    options.extend(entity.singular.as_ref().map(|singular| format!("singular = {singular:?}")));
    let id = match entity.id {
        IdKind::Uuid => None,
        IdKind::Slug => Some("Slug"),
        IdKind::Integer => Some("Integer"),
        IdKind::Text => Some("Text"),
    };
    options.extend(id.filter(|_| !entity.is_singleton).map(|id| format!("id = {id}")));
    options.extend(entity.parent.as_ref().map(|parent| format!("parent = {parent}")));
    if let Some(key) = &entity.key {
        options.push(format!("table = {:?}", entity.table));
        options.push(match key.as_slice() {
            [only] => format!("key = {only:?}"),
            several => {
                let columns: Vec<String> = several.iter().map(|column| format!("{column:?}")).collect();
                format!("key({})", columns.join(", "))
            }
        });
    }
    options.extend(entity.mapped.iter().map(|(word, column)| format!("{word} = {column:?}")));
    options.extend(entity.words.iter().cloned());
    options
}

fn push_field(text: &mut String, field: &Field, is_existing: bool) {
    let plain = field.name.trim_start_matches("r#");
    let doc = format!("The column `{}`.", field.column);
    let mut options = Vec::new();
    if is_existing && field.column != plain {
        options.push(format!("column = {:?}", field.column));
    }
    options.extend(field.options.iter().cloned());
    options.extend(field.reference.iter().map(|target| format!("references = {target}")));
    let _ = writeln!(text, "    /// {doc}");
    if !options.is_empty() {
        let _ = writeln!(text, "    #[field({})]", options.join(", "));
    }
    let ty = if field.is_optional { format!("Option<{}>", field.ty) } else { field.ty.clone() };
    let _ = writeln!(text, "    pub {}: {ty},", field.name);
}

fn push_enum(text: &mut String, declared: &Enumeration) {
    let _ = writeln!(text, "\n/// {}\n#[resource_enum]\npub enum {} {{", declared.doc, declared.name);
    for (variant, number, held) in &declared.variants {
        let doc = if held.is_empty() { format!("The value {number}.") } else { format!("`{held}`.") };
        let _ = writeln!(text, "    /// {}\n    {variant} = {number},", doc.replace('\n', " "));
    }
    text.push_str("}\n");
}
