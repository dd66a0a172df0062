//! Generates the client from the document that the registry prints.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-env-changed=OPENAPI_DOCUMENT");
    let document = env::var("OPENAPI_DOCUMENT").expect("`cargo xtask test --clients` sets OPENAPI_DOCUMENT");
    println!("cargo::rerun-if-changed={document}");
    let usable = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("usable.json");
    fs::write(&usable, without_lines(&document)).expect("the document can be written");
    generate(&usable);
}

/// The document without exports and imports: the generator knows no bodies but JSON, forms and bytes.
fn without_lines(document: &str) -> String {
    let text = fs::read_to_string(document).expect("the document can be read");
    let mut document: serde_json::Value = serde_json::from_str(&text).expect("the document is JSON");
    if let Some(paths) = document["paths"].as_object_mut() {
        paths.retain(|path, _| !path.ends_with(":export") && !path.ends_with(":import"));
    }
    document.to_string()
}

// book: build.rs
fn generate(document: &Path) {
    let text = fs::read_to_string(document).expect("the document can be read");
    let document = serde_json::from_str(&text).expect("the document is OpenAPI 3.0");
    let mut settings = progenitor::GenerationSettings::default();
    settings.with_interface(progenitor::InterfaceStyle::Builder);
    let tokens = progenitor::Generator::new(&settings).generate_tokens(&document).expect("a client");
    let file = syn::parse2(tokens).expect("Rust");
    let to = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("registry.rs");
    fs::write(to, prettyplease::unparse(&file)).expect("the client can be written");
}
// book: end
