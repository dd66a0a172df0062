//! One call as a command and as programs that run as they are: nothing to install, nothing to fill in.

use serde_json::Value as Json;

use super::ordered::Ordered;

/// A call that documentation shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    /// The HTTP method.
    pub(crate) method: &'static str,
    /// The absolute URL.
    pub(crate) url: String,
    /// The body with its media type.
    pub(crate) body: Option<(&'static str, Ordered)>,
    /// Whether it is answered with lines of JSON.
    pub(crate) has_lines: bool,
    /// Whether it is a write, which a request id makes safe to send again.
    pub(crate) has_request_id: bool,
    /// The URL of the resource whose entity tag is read first and sent as `If-Match`.
    pub(crate) if_match: Option<String>,
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

/// A new request id, as a shell makes one.
pub(crate) const NEW_ID: &str = "$(openssl rand -hex 16)";

/// The call as a command.
pub(crate) fn curl(call: &Call) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut source = String::new();
    if let Some(url) = &call.if_match {
        source.push_str(&format!("etag=$(curl -s -o /dev/null -w '%header{{etag}}' {})\n", quoted(url)));
    }
    source.push_str("curl");
    if call.method != "GET" {
        source.push_str(" -X ");
        source.push_str(call.method);
    }
    source.push(' ');
    source.push_str(&quoted(&call.url));
    if call.has_request_id {
        source.push_str(&format!(" \\\n  -H \"Request-ID: {NEW_ID}\""));
    }
    if call.if_match.is_some() {
        source.push_str(" \\\n  -H \"If-Match: $etag\"");
    }
    if let Some((media, body)) = &call.body {
        source.push_str(&format!(" \\\n  -H 'Content-Type: {media}' \\\n  "));
        match body.as_str() {
            // Without `-d`, which takes line feeds out.
            Some(lines) => source.push_str(&format!("--data-binary {}", quoted(lines))),
            None => source.push_str(&format!("-d {}", quoted(&body.to_pretty_text()))),
        }
    }
    source
}

/// The headers as Python and JavaScript alike name them, with what each language writes for an id and the tag.
fn headers(call: &Call, new_id: &str, indent: &str) -> Vec<String> {
    let media = call.body.as_ref().map(|(media, _)| format!("{indent}\"Content-Type\": \"{media}\",\n"));
    let id = call.has_request_id.then(|| format!("{indent}\"Request-ID\": {new_id},\n"));
    let tag = call.if_match.is_some().then(|| format!("{indent}\"If-Match\": etag,\n"));
    media.into_iter().chain(id).chain(tag).collect()
}

fn python(call: &Call) -> String {
    let literal = |url: &str| Json::from(url).to_string();
    let mut source = "import json\nfrom urllib.request import Request, urlopen\n".to_owned();
    if call.has_request_id {
        source.push_str("from uuid import uuid4\n");
    }
    source.push('\n');
    if let Some(url) = &call.if_match {
        let url = literal(url);
        source
            .push_str(&format!("with urlopen({url}) as response:\n    etag = response.headers[\"ETag\"]\n"));
    }
    if let Some((_, body)) = &call.body {
        source.push_str(&format!("body = {}\n", python_literal(body, 0)));
    }
    let url = literal(&call.url);
    source.push_str(&format!("request = Request(\n    {url},\n    method=\"{}\",\n", call.method));
    let headers = headers(call, "str(uuid4())", "        ");
    if !headers.is_empty() {
        source.push_str(&format!("    headers={{\n{}    }},\n", headers.concat()));
    }
    match &call.body {
        Some((_, body)) if body.as_str().is_some() => source.push_str("    data=body.encode(),\n"),
        Some(_) => source.push_str("    data=json.dumps(body).encode(),\n"),
        None => {}
    }
    source.push_str(")\nwith urlopen(request) as response:\n");
    source.push_str(if call.has_lines {
        "    for line in response:\n        print(json.loads(line))"
    } else {
        "    print(json.load(response)[\"data\"][\"values\"])"
    });
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
    let literal = |url: &str| Json::from(url).to_string();
    let mut source = String::new();
    if let Some(url) = &call.if_match {
        source.push_str(&format!("const etag = (await fetch({})).headers.get(\"ETag\");\n", literal(url)));
    }
    source.push_str(&format!("const response = await fetch({}", literal(&call.url)));
    if call.method != "GET" || call.body.is_some() {
        source.push_str(&format!(", {{\n  method: \"{}\",\n", call.method));
        let headers = headers(call, "crypto.randomUUID()", "    ");
        if !headers.is_empty() {
            source.push_str(&format!("  headers: {{\n{}  }},\n", headers.concat()));
        }
        if let Some((_, body)) = &call.body {
            match body.as_str() {
                Some(lines) => source.push_str(&format!("  body: {},\n", literal(lines))),
                None => {
                    let body = body.to_pretty_text().replace('\n', "\n  ");
                    source.push_str(&format!("  body: JSON.stringify({body}),\n"));
                }
            }
        }
        source.push('}');
    }
    if call.has_lines {
        source.push_str(
            ");\nconst text = await response.text();\nif (!response.ok) throw new Error(text);\n\
             for (const line of text.split(\"\\n\").slice(0, -1)) console.log(JSON.parse(line));",
        );
        return source;
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
            ..Call::default()
        };
        let [curl, python, javascript] = all(&call).map(|snippet| snippet.source);
        assert!(curl.contains(r"it'\''s"), "{curl}");
        assert!(python.contains("\"on\": True") && python.contains("\"off\": None"), "{python}");
        assert!(javascript.contains("\"tags\": [\n"), "{javascript}");
    }

    #[test]
    fn a_write_has_an_id_and_the_tag_that_it_read() {
        let call = Call {
            method: "DELETE",
            url: "http://localhost/a:b".to_owned(),
            has_request_id: true,
            if_match: Some("http://localhost/a".to_owned()),
            ..Call::default()
        };
        let [curl, python, javascript] = all(&call).map(|snippet| snippet.source);
        assert_eq!(
            curl,
            "etag=$(curl -s -o /dev/null -w '%header{etag}' 'http://localhost/a')\ncurl -X DELETE 'http://localhost/a:b' \\\n  \
             -H \"Request-ID: $(openssl rand -hex 16)\" \\\n  -H \"If-Match: $etag\""
        );
        assert!(
            python.contains("with urlopen(\"http://localhost/a\") as response:\n    etag = "),
            "{python}"
        );
        assert!(python.contains(
            "    headers={\n        \"Request-ID\": str(uuid4()),\n        \"If-Match\": etag,\n    },\n)"
        ));
        assert!(
            javascript.contains("    \"Request-ID\": crypto.randomUUID(),\n    \"If-Match\": etag,\n  },\n}"),
            "{javascript}"
        );
    }
}
