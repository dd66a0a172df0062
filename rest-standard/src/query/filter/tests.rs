//! The grammar alone; what filters mean is asked over HTTP.

use super::syntax::{Expression, Restriction, Written, parse};

/// A tree in prefix form.
fn shown(expression: &Expression) -> String {
    let all = |word: &str, parts: &[Expression]| {
        format!("{word}({})", parts.iter().map(shown).collect::<Vec<_>>().join(" "))
    };
    match expression {
        Expression::All(parts) => all("and", parts),
        Expression::Any(parts) => all("or", parts),
        Expression::Not(inner) => format!("not({})", shown(inner)),
        Expression::Restriction(Restriction { path, comparator, argument, .. }) => {
            let path: Vec<_> = path.iter().map(|name| name.text.as_str()).collect();
            let value = match &argument.value {
                Written::Bare(text) => text.clone(),
                Written::Quoted { text, opens, closes } => format!("{text:?}{opens:?}{closes:?}"),
            };
            format!("{}{}{value}", path.join("/"), comparator.text())
        }
    }
}

#[test]
fn the_tree_of_a_filter() {
    for (text, tree) in [
        ("a=1 b=2 OR c=3 AND d=4", "and(a=1 or(b=2 c=3) d=4)"),
        ("a=1 AND b=2 AND c=3", "and(a=1 b=2 c=3)"),
        ("a=1 OR b=2 OR c=3", "or(a=1 b=2 c=3)"),
        ("(a=1 b=2) OR c=3", "or(and(a=1 b=2) c=3)"),
        ("NOT a=1 OR -b=2", "or(not(a=1) not(b=2))"),
        ("NOT (a=1 OR b=2)", "not(or(a=1 b=2))"),
        ("-a:* b.c.\"d e\" >= -3.5", "and(not(a:*) b/c/d e>=-3.5)"),
        ("a!=b-c", "a!=b-c"),
        ("a=\"*x\" b='y*' c=\"\\*z\\*\"", "and(a=\"*x\"truefalse b=\"y*\"falsetrue c=\"*z*\"falsefalse)"),
        ("a=\"*\"", "a=\"*\"truetrue"),
        ("a=\"\" b='\"' c=\"\\'\"", "and(a=\"\"falsefalse b=\"\\\"\"falsefalse c=\"'\"falsefalse)"),
        ("ANDy=1 ORb=2 NOTa=3", "and(ANDy=1 ORb=2 NOTa=3)"),
    ] {
        let expression = parse(text).unwrap().unwrap();
        assert_eq!(shown(&expression), tree, "{text}");
    }
}
