//! The rules of tables that the framework did not make.

use proc_macro2::Ident;
use syn::LitStr;

use crate::{
    attr::Keyed,
    code::Code,
    diag::{Problem, Sink},
    model::{Existing, RawField, RawResource, ResourceOptions},
    symbol,
};

/// The table, where the resources are in one of somebody else's; and what does not go with that, or only with that.
pub(super) fn existing(raw: &RawResource, is_singleton: bool, sink: &mut Sink) -> Option<Existing> {
    let options = &raw.options;
    let Some(table) = &options.table else {
        // Behind a refused option nothing is certain.
        if raw.options_are_whole {
            without_table(options, &raw.fields, sink);
        }
        return None;
    };
    if is_singleton {
        sink.push(
            Problem::at(Code::ExistingTable, &table.key, "a singleton has no `table` of its own choice")
                .note("it has a row for each of its parents, which begins with the defaults of its fields")
                .help("leave `table` out, or declare a `collection`"),
        );
        return None;
    }
    for (key, why) in refused(options, &raw.fields) {
        sink.push(
            Problem::at(Code::ExistingTable, key, format!("`{key}` does not go with `table`"))
                .note(why)
                .help(format!("leave `{key}` out, or `table`, so that the framework makes the table")),
        );
    }
    let id = || vec![LitStr::new("id", table.value.span())];
    Some(Existing {
        name: table.value.clone(),
        key: options.key.as_ref().map_or_else(id, |key| key.value.clone()),
        mapped: options
            .mapped
            .iter()
            .map(|column| Keyed { key: column.key.clone(), value: column.value.clone() })
            .collect(),
    })
}

/// What needs columns or indexes that the framework does not add to such a table.
fn refused<'a>(options: &'a ResourceOptions, fields: &'a [RawField]) -> Vec<(&'a Ident, &'static str)> {
    let mut refused: Vec<(&Ident, &str)> = Vec::new();
    let columns = "it needs columns that the framework does not add to a table of somebody else's";
    refused.extend(options.changes.as_ref().map(|key| (key, columns)));
    refused.extend(options.soft_delete.as_ref().map(|option| (&option.key, columns)));
    let owner = "the framework changes nothing about a table of somebody else's";
    refused.extend(options.dropped.as_ref().map(|option| (&option.key, owner)));
    refused.extend(options.indexes.iter().map(|option| (&option.key, owner)));
    for field in fields.iter().map(|field| &field.options) {
        let words = "the words of its texts are in an index that the framework does not add to a table of somebody else's";
        refused.extend(field.search.as_ref().map(|key| (key, words)));
        refused.extend(field.renamed_from.as_ref().map(|option| (&option.key, owner)));
        refused.extend(field.converted_from.as_ref().map(|option| (&option.key, owner)));
    }
    refused
}

/// What says something of a table that is there already.
fn without_table(options: &ResourceOptions, fields: &[RawField], sink: &mut Sink) {
    let keys = options.key.iter().map(|option| &option.key);
    let mapped = options.mapped.iter().map(|option| &option.key);
    let fields = fields.iter().map(|field| &field.options);
    let fields = fields.flat_map(|field| {
        let column = field.column.as_ref().map(|option| &option.key);
        column.into_iter().chain(field.texts.as_ref().map(|option| &option.key))
    });
    for key in keys.chain(mapped).chain(fields) {
        sink.push(
            Problem::at(Code::MappedColumn, key, format!("`{key}` needs `table`"))
                .note("the framework names the columns of the tables that it makes")
                .help(format!(
                    "leave `{key}` out, or name the table that is there: `#[resource(…, table = \"…\")]`"
                )),
        );
    }
    if let Some(id) = options.id.as_ref().filter(|id| id.value == symbol::TEXT) {
        sink.push(
            Problem::at(Code::MappedColumn, &id.value, "`id = Text` needs `table`")
                .note("ids that clients choose are slugs, which need no encoding in an address; only rows that are there may have others")
                .help("write `id = Slug`"),
        );
    }
}
