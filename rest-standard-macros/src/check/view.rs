//! The rules of `view(…)`.

use proc_macro2::Ident;
use syn::{LitStr, ext::IdentExt};

use crate::{
    attr::Keyed,
    code::Code,
    diag::{Problem, Sink, closest, one_of},
    model::{Field, RawView, View, ViewField},
    name, symbol,
};

/// Judges the views of a resource with these fields.
pub(super) fn views(raw: &[RawView], fields: &[Field], framework: &[&str], sink: &mut Sink) -> Vec<View> {
    let mut views: Vec<View> = Vec::new();
    for raw in raw {
        let name = match &raw.name {
            Some(name) => view_name(name, &views, fields, sink),
            None => {
                incomplete(raw, "has no name", "write `view(name = \"summary\", fields(…))`", sink);
                String::new()
            }
        };
        let named = match &raw.fields {
            Some(named) if named.value.is_empty() => {
                sink.push(
                    Problem::at(Code::ViewIncomplete, &named.key, "the view names no field")
                        .help("name some, such as `fields(display_name)`, or leave the view out"),
                );
                Vec::new()
            }
            Some(named) => view_fields(&named.value, fields, framework, sink),
            None => {
                incomplete(raw, "names no field", "write `view(name = \"…\", fields(display_name))`", sink);
                Vec::new()
            }
        };
        views.push(View { name, fields: named });
    }
    views
}

/// A misspelt option was reported where it stands.
fn incomplete(raw: &RawView, what: &str, help: &str, sink: &mut Sink) {
    if raw.is_whole {
        sink.push(Problem::at(Code::ViewIncomplete, &raw.key, format!("the view {what}")).help(help));
    }
}

fn view_name(written: &Keyed<LitStr>, views: &[View], fields: &[Field], sink: &mut Sink) -> String {
    let text = written.value.value();
    if !name::is_lower_camel(&text) {
        let proposal = name::to_lower_camel(&text);
        let problem =
            Problem::at(Code::ViewName, &written.value, "the name of a view must be in lowerCamelCase");
        sink.push(if name::is_lower_camel(&proposal) {
            problem.help(format!("try `{proposal}`"))
        } else {
            problem.help("for example `name = \"summary\"`")
        });
    } else if let Some(field) = fields.iter().find(|field| field.json == text) {
        sink.push(taken(written, format!("field `{}` is called so in JSON", field.ident)));
    } else if symbol::FRAMEWORK_FIELDS.contains(&text.as_str()) {
        sink.push(taken(written, "the framework gives every resource a field of this name".to_owned()));
    } else if views.iter().any(|view| view.name == text) {
        sink.push(taken(written, "another view has it already".to_owned()));
    }
    text
}

fn taken(written: &Keyed<LitStr>, note: String) -> Problem {
    let text = format!("the name `{}` is taken", written.value.value());
    Problem::at(Code::ViewNameTaken, &written.value, text)
        .note(note)
        .help("give the view another name, such as `summary`")
}

fn view_fields(
    paths: &[Vec<Ident>],
    fields: &[Field],
    framework: &[&str],
    sink: &mut Sink,
) -> Vec<ViewField> {
    let mut named: Vec<ViewField> = Vec::new();
    for path in paths {
        let Some((first, rest)) = path.split_first() else { continue };
        let text = first.unraw().to_string();
        if symbol::ALWAYS_SELECTED.contains(&text.as_str()) {
            sink.push(
                Problem::at(Code::ViewFieldTwice, first, format!("`{text}` is in every answer"))
                    .help("leave it out"),
            );
            continue;
        }
        let is_framework = framework.contains(&text.as_str());
        let field = fields.iter().position(|field| field.column == text);
        match field.map(|at| &fields[at]) {
            _ if is_framework => {
                if let Some(member) = rest.first() {
                    sink.push(
                        Problem::at(Code::ViewField, member, format!("`{text}` has no members to name"))
                            .help(format!("write `{text}` alone")),
                    );
                    continue;
                }
            }
            Some(field) if field.flags.iter().any(|flag| flag == symbol::INPUT_ONLY) => {
                sink.push(
                    Problem::at(
                        Code::ViewField,
                        first,
                        format!("`{text}` is `input_only`: no answer has it"),
                    )
                    .help("leave it out"),
                );
                continue;
            }
            Some(_) => {}
            None => {
                sink.push(unknown(first, &text, fields, framework));
                continue;
            }
        }
        let earlier = named.iter().find(|earlier| covers(&earlier.path, path) || covers(path, &earlier.path));
        if let Some(earlier) = earlier {
            let (wide, at) =
                if earlier.path.len() <= path.len() { (&earlier.path, path) } else { (path, &earlier.path) };
            let text = format!("`{}` is part of the view already", dotted(at));
            let problem = Problem::at(Code::ViewFieldTwice, path.last(), text);
            sink.push(if wide.len() == at.len() {
                problem.help("leave one out")
            } else {
                problem
                    .note(format!("`{}` has all of its members", dotted(wide)))
                    .help("leave one of the two out")
            });
            continue;
        }
        named.push(ViewField { path: path.clone(), field: field.filter(|_| !is_framework) });
    }
    named
}

/// Whether `wide` names what `path` does, or something around it.
fn covers(wide: &[Ident], path: &[Ident]) -> bool {
    path.len() >= wide.len() && wide.iter().zip(path).all(|(wide, name)| wide.unraw() == name.unraw())
}

fn dotted(path: &[Ident]) -> String {
    path.iter().map(|name| name.unraw().to_string()).collect::<Vec<_>>().join(".")
}

fn unknown(at: &Ident, text: &str, fields: &[Field], framework: &[&str]) -> Problem {
    let is_visible = |field: &&Field| !field.flags.iter().any(|flag| flag == symbol::INPUT_ONLY);
    let own = fields.iter().filter(is_visible).map(|field| field.column.as_str());
    let known: Vec<&str> = own.chain(framework.iter().copied()).collect();
    let problem = Problem::at(Code::ViewField, at, format!("there is no field `{text}`"));
    // The name in JSON says what is meant.
    let snake = name::to_snake(text);
    let meant = known.iter().copied().find(|field| *field == snake).or_else(|| closest(text, &known));
    match meant {
        Some(field) => problem.help(format!("did you mean `{field}`?")),
        None => problem.help(format!("name one of {}", one_of(&known))),
    }
}
