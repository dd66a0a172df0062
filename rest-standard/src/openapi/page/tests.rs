use std::time::Instant;

use super::*;
use crate::{
    descriptor::{Descriptor, FieldDescriptor, FieldKind, IdKind, Method, Methods, Shape},
    openapi::document,
};

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn field(name: &'static str, doc: &'static str) -> FieldDescriptor {
    FieldDescriptor {
        name,
        rust_name: name,
        column: name,
        doc,
        kind: FieldKind::Text,
        nullable: false,
        length: Some((1, 64)),
        range: None,
        pattern: None,
        format: None,
        default: None,
        example: None,
        filter: true,
        search: false,
        order: true,
        unique: false,
        immutable: false,
        output_only: false,
        input_only: false,
        required: false,
        references: None,
        renamed_from: None,
        converted_from: None,
        texts: None,
    }
}

fn resource(name: &'static str, segment: &'static str, doc: &'static str, fields: usize) -> Descriptor {
    const NAMES: [&str; 10] =
        ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"];
    let fields =
        NAMES.iter().take(fields).map(|name| field(name, "What it is, told in about one line of text."));
    Descriptor {
        name,
        segment,
        shape: Shape::Collection(IdKind::Slug),
        parent: None,
        doc,
        example_id: None,
        fields: Vec::leak(fields.collect()),
        views: &[],
        indexes: &[],
        methods: Methods::ALL,
        custom_methods: &[],
        rules: None,
        changes: false,
        keep_changes: None,
        upsert: false,
        slash_verbs: false,
        export: false,
        import: false,
        dropped: &[],
        existing: None,
        require_if_match: false,
        across_parents: false,
        soft_delete: None,
    }
}

fn page(descriptors: &[&'static Descriptor]) -> String {
    let tree = Tree::build(descriptors).expect("the declarations are right");
    let about = About {
        title: "Things & <more>".to_owned(),
        version: "v1".to_owned(),
        root_path: "/api/v1".to_owned(),
        ..About::default()
    };
    of(&tree, &about, "http://localhost:8080")
}

#[test]
fn a_page_of_200_resources_stays_small() {
    let descriptors: Vec<&'static Descriptor> = (0..200)
        .map(|at| {
            let name = String::leak(format!("Thing{at}"));
            let segment = String::leak(format!("things-{at}"));
            leak(resource(name, segment, "One of many things that are much alike.", 10))
        })
        .collect();
    let start = Instant::now();
    let page = page(&descriptors);
    println!("{} bytes in {:?}", page.len(), start.elapsed());
    assert!(page.len() < 10 << 20, "{} bytes", page.len());
    let operations = page.matches("<details class=\"op\"").count();
    assert_eq!(operations, 200 * 10 + 1);
}

#[test]
fn what_authors_write_is_text() {
    let doc =
        "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) </pre></section>";
    let mut hostile = resource("Thing", "things", doc, 0);
    let mut own = field("alpha", doc);
    own.example = Some(|| crate::value::Value::Text("</code></pre><script>alert(2)</script>".to_owned()));
    hostile.fields = Vec::leak(vec![own]);
    let page = page(&[leak(hostile)]);
    assert_eq!(page.matches("<script>").count(), 1, "the page's own");
    assert!(!page.contains("<img") && !page.contains("href=\"javascript") && !page.contains("style="));
    assert_eq!(page.matches("<section").count(), page.matches("</section>").count());
    assert_eq!(
        page.matches("<pre").count(),
        page.matches("</pre>").count() - page.matches("&lt;/pre>").count()
    );
    assert!(page.contains("<h1>Things &amp; &lt;more&gt;</h1>"));
}

#[test]
fn every_link_within_the_page_leads_somewhere() {
    let page = page(&[
        leak(resource("Thing", "things", "", 3)),
        leak({
            let mut log = resource("Log", "logs", "", 2);
            log.methods = Methods::NONE.with(Method::List);
            log.changes = true;
            log
        }),
    ]);
    let ids: BTreeSet<&str> = attributes(&page, " id=\"").collect();
    for link in attributes(&page, " href=\"#") {
        assert!(ids.contains(link), "`#{link}` leads nowhere");
    }
    assert_eq!(attributes(&page, " id=\"").count(), ids.len(), "an id is there twice");
}

fn attributes<'a>(page: &'a str, begin: &'static str) -> impl Iterator<Item = &'a str> {
    page.split(begin).skip(1).filter_map(|rest| rest.split('"').next())
}

#[test]
fn an_address_in_the_place_of_the_page_is_refused() {
    let tree = Tree::build(&[leak(resource("Doc", "docs", "", 1))]).expect("the tree is right");
    let refused = crate::openapi::check(&tree).expect_err("the address is taken");
    let text = refused.source().map(ToString::to_string).unwrap_or_default();
    assert!(text.contains("`Doc` is at `docs`, where the documentation of every service is"), "{text}");
    assert_eq!(document::mistakes(&tree), Vec::<String>::new());
}
