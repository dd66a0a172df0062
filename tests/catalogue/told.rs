//! What wrong declarations are told: one error with a code and the way out.

use std::{collections::BTreeSet, fs};

use crate::{code::Code, own};

/// The kinds of declarations, which are the folders of the wrong ones.
const KINDS: [&str; 5] = ["resource", "field", "enum", "value", "method"];

/// Wrong declarations that give more than one error, with the reason.
const EXCEPTIONS: [(&str, usize); 1] = [
    // Seven mistakes, all reported in one run.
    ("resource/seven_mistakes_at_once", 7),
];

/// Wrong declarations that Rust itself refuses, before or beside any bound that could carry a code.
const WITHOUT_CODE: [&str; 5] = [
    // Names that do not exist; the compiler proposes those that do.
    "field/type_does_not_exist",
    "method/when_names_an_unknown_field",
    "resource/parent_does_not_exist",
    // The compiler explains which value is kept across which `await`, which a bound of our own would hide.
    "method/future_is_not_send",
    // Blocks do not see each other; the name of the trait that both implement says what is wrong.
    "method/two_blocks",
];

/// A wrong declaration with what it is told.
struct Told {
    /// `field/id`.
    name: String,
    /// One text for each error.
    errors: Vec<String>,
}

impl Told {
    fn codes(&self) -> BTreeSet<&str> {
        let codes = self.errors.iter().flat_map(|error| error.split("[RS").skip(1));
        codes.filter_map(|rest| rest.split_once(']')).map(|(code, _)| code).collect()
    }

    fn is_without_code(&self) -> bool {
        WITHOUT_CODE.contains(&self.name.as_str())
    }
}

/// Whether an error says what to write. A bound can say so in a note alone; the note about macros is not one.
fn has_way_out(error: &str) -> bool {
    error.contains("help: ")
        || error.lines().any(|line| line.contains("= note: ") && !line.contains("originates in"))
}

fn told() -> Vec<Told> {
    let mut told = Vec::new();
    for kind in KINDS {
        for entry in fs::read_dir(own("ui").join(kind)).expect("the folder exists") {
            let path = entry.expect("the folder can be read").path();
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let name = format!("{kind}/{}", path.file_stem().expect("a file has a name").to_string_lossy());
            let text = fs::read_to_string(path.with_extension("stderr"))
                .unwrap_or_else(|_| panic!("{name} has no message"));
            told.push(Told { name, errors: text.split("\nerror").map(str::to_owned).collect() });
        }
    }
    told
}

#[test]
fn each_wrong_declaration_gives_one_error_with_the_way_out() {
    let told = told();
    for Told { name, errors } in &told {
        let expected =
            EXCEPTIONS.iter().find(|(exception, _)| exception == name).map_or(1, |(_, count)| *count);
        assert_eq!(errors.len(), expected, "{name}");
        for error in errors.iter().filter(|_| name != "method/two_blocks") {
            assert!(has_way_out(error), "{name}: {error}");
        }
    }
    println!("| kind | declarations | with one error | with a way out | with one code |");
    println!("|---|---|---|---|---|");
    for kind in KINDS {
        let of_kind: Vec<_> = told.iter().filter(|told| told.name.starts_with(kind)).collect();
        let count = |holds: &dyn Fn(&Told) -> bool| of_kind.iter().filter(|told| holds(told)).count();
        println!(
            "| {kind} | {} | {} | {} | {} |",
            of_kind.len(),
            count(&|told| told.errors.len() == 1),
            count(&|told| told.errors.iter().all(|error| has_way_out(error))),
            count(&|told| told.codes().len() == 1),
        );
    }
    assert!(told.len() >= 230, "{} wrong declarations", told.len());
}

#[test]
fn each_error_has_one_code_and_each_code_an_error() {
    let told = told();
    for told in told.iter().filter(|told| !told.is_without_code()) {
        assert_eq!(told.codes().len(), told.errors.len(), "{}: {:?}", told.name, told.codes());
    }
    let used: BTreeSet<&str> = told.iter().flat_map(Told::codes).collect();
    for code in Code::ALL {
        assert!(used.contains(&code.text()[2..]), "no wrong declaration is told {}", code.text());
    }
    assert_eq!(used.len(), Code::ALL.len(), "codes are listed in `code.rs` of the macros");
}
