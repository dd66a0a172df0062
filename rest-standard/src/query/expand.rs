//! `$expand`: which references are answered with what they refer to.

use crate::{
    descriptor::Descriptor,
    query::{
        filter::{Problem, paths},
        order::{list, shown},
    },
    validate::did_you_mean,
};

/// The places of the fields that a text names, separated by commas, in the order of the declaration. Naming one twice
/// changes nothing.
///
/// # Errors
///
/// The first fault of its form, or all faults of its names.
pub(super) fn parse(descriptor: &'static Descriptor, text: &str) -> Result<Vec<usize>, Vec<Problem>> {
    let paths = paths(text).map_err(|problem| vec![problem])?;
    let names = || descriptor.references().map(|(_, field, _)| field.name);
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for path in &paths {
        let Some((first, rest)) = path.split_first() else { continue };
        let Some((index, ..)) = descriptor.references().find(|(_, field, _)| field.name == first.text) else {
            let hint = match did_you_mean(&first.text, names()) {
                none if none.is_empty() => format!("; fields are {}", list(names())),
                hint => hint,
            };
            let detail = format!(
                "must name fields that refer to another resource, `{}` is not one{hint}",
                shown(&first.text)
            );
            problems.push(Problem::new(first.at, detail));
            continue;
        };
        if let Some(name) = rest.first() {
            let detail = format!("is one level deep: leave out what follows the dot of `{}`", first.text);
            problems.push(Problem::new(name.at, detail));
            continue;
        }
        found.push(index);
    }
    found.sort_unstable();
    found.dedup();
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}
