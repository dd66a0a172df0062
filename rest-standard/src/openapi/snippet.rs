//! One call as a command and as programs that run as they are: nothing to install, nothing to fill in.

use serde_json::Value as Json;

use super::ordered::Ordered;

/// A call that documentation shows.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The HTTP method.
    pub(crate) method: &'static str,
    /// The absolute URL.
    pub(crate) url: String,
    /// The body with its media type.
    pub(crate) body: Option<(&'static str, Ordered)>,
}

/// A call in one language.
#[derive(Clone, Debug)]
pub(crate) struct Snippet {
    /// The language as highlighters know it.
    pub(crate) language: &'static str,
    /// The language as people call it.
    pub(crate) label: &'static str,
    /// The text.
    pub(crate) source: String,
}

/// The call with curl, in Python and in JavaScript.
pub(crate) fn all(call: &Call) -> [Snippet; 3] {
    [
        Snippet { language: "shell", label: "curl", source: curl(call) },
        Snippet { language: "python", label: "Python", source: python(call) },
        Snippet { language: "javascript", label: "JavaScript", source: javascript(call) },
    ]
}

fn curl(call: &Call) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut source = "curl".to_owned();
    if call.method != "GET" {
        source.push_str(" -X ");
        source.push_str(call.method);
    }
    source.push(' ');
    source.push_str(&quoted(&call.url));
    if let Some((media, body)) = &call.body {
        source.push_str(&format!(" \\\n  -H 'Content-Type: {media}' \\\n  -d "));
        source.push_str(&quoted(&body.to_pretty_text()));
    }
    source
}

fn python(call: &Call) -> String {
    let url = Json::from(call.url.as_str());
    let mut source =
        "import json\nimport sys\nfrom urllib.error import HTTPError\nfrom urllib.request import Request, urlopen\n\n".to_owned();
    if let Some((_, body)) = &call.body {
        source.push_str(&format!("body = {}\n", python_literal(body, 0)));
    }
    source.push_str(&format!("request = Request(\n    {url},\n    method=\"{}\",\n", call.method));
    if let Some((media, _)) = &call.body {
        source.push_str(&format!("    headers={{\"Content-Type\": \"{media}\"}},\n"));
        source.push_str("    data=json.dumps(body).encode(),\n");
    }
    source.push_str(
        ")\nwith urlopen(request) as response:\n    print(json.load(response)[\"data\"][\"values\"])",
    );
    source
}

/// JSON as Python writes it.
fn python_literal(value: &Ordered, level: usize) -> String {
    let indent = "    ".repeat(level + 1);
    let end = "    ".repeat(level);
    match value {
        Ordered::Plain(Json::Null) => "None".to_owned(),
        Ordered::Plain(Json::Bool(true)) => "True".to_owned(),
        Ordered::Plain(Json::Bool(false)) => "False".to_owned(),
        // JSON's escapes are Python's, but for pairs of surrogates, which serde_json never writes.
        Ordered::Plain(scalar @ (Json::Number(_) | Json::String(_))) => scalar.to_string(),
        Ordered::Plain(tree) => python_literal(&Ordered::from_json(tree.clone()), level),
        Ordered::Array(items) if items.is_empty() => "[]".to_owned(),
        Ordered::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| python_literal(item, level)).collect();
            format!("[{}]", items.join(", "))
        }
        Ordered::Object(members) if members.is_empty() => "{}".to_owned(),
        Ordered::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                format!("{indent}{}: {},\n", Json::from(&**name), python_literal(value, level + 1))
            });
            format!("{{\n{}{end}}}", members.collect::<String>())
        }
    }
}

fn javascript(call: &Call) -> String {
    let url = Json::from(call.url.as_str());
    let mut source = format!("const response = await fetch({url}");
    if call.method != "GET" || call.body.is_some() {
        source.push_str(&format!(", {{\n  method: \"{}\",\n", call.method));
        if let Some((media, body)) = &call.body {
            let body = body.to_pretty_text().replace('\n', "\n  ");
            source.push_str(&format!("  headers: {{\"Content-Type\": \"{media}\"}},\n"));
            source.push_str(&format!("  body: JSON.stringify({body}),\n"));
        }
        source.push('}');
    }
    source.push_str(");\nconst { status, data } = await response.json();\n");
    source.push_str(
        "if (!response.ok) throw new Error(JSON.stringify(status, null, 2));\nconsole.log(data.values);",
    );
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn awkward_text_stays_what_it_is() {
        let body = Ordered::object([
            ("name", "it's \"q\" \u{2028} \\".into()),
            ("on", true.into()),
            ("off", Json::Null.into()),
            ("tags", Ordered::Array(vec!["a".into()])),
        ]);
        let call = Call {
            method: "POST",
            url: "http://localhost/a?$limit=2".to_owned(),
            body: Some(("application/json", body)),
        };
        let [curl, python, javascript] = all(&call).map(|snippet| snippet.source);
        assert!(curl.contains(r"it'\''s"), "{curl}");
        assert!(python.contains("\"on\": True") && python.contains("\"off\": None"), "{python}");
        assert!(javascript.contains("\"tags\": [\n"), "{javascript}");
    }
}
