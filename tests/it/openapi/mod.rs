//! The OpenAPI document: that it is there, that it is whole, and that the service does what it says.
//!
//! Every response of every test in this binary is checked against the document by the client itself; here each operation
//! is called at least once, with success and with every error that the document declares for it.

mod clashes;
mod errors;
mod examples;
mod served;
mod shape;

use http::Method;
use rest_standard::testing::{TestClient, TestRequest};
use serde_json::Value as Json;

/// A document with references resolved on demand.
#[derive(Debug)]
struct Document(Json);

/// One operation of a document.
#[derive(Clone, Debug)]
struct Operation {
    id: String,
    method: Method,
    /// The path with the examples of its parameters.
    path: String,
    declared: Json,
}

impl Document {
    /// The document that a service answers with.
    async fn of(client: &TestClient) -> Self {
        Self(client.get("/api/v1/openapi.json").await.assert_status(200).body)
    }

    /// The operations in the order of the paths.
    fn operations(&self) -> Vec<Operation> {
        let paths = self.0["paths"].as_object().expect("there are paths");
        let mut operations = Vec::new();
        for (path, item) in paths {
            for (method, declared) in item.as_object().expect("a path has operations") {
                let mut path = format!("/api/v1{}", path.trim_end_matches('/'));
                for parameter in declared["parameters"].as_array().into_iter().flatten() {
                    let parameter = self.resolve(parameter);
                    if parameter["in"] == "path" {
                        let name = parameter["name"].as_str().expect("a parameter has a name");
                        let example = &parameter["example"];
                        let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
                        path = path.replace(&format!("{{{name}}}"), &example);
                    }
                }
                operations.push(Operation {
                    id: declared["operationId"].as_str().expect("an operation has an id").to_owned(),
                    method: method.to_uppercase().parse().expect("a method"),
                    path,
                    declared: declared.clone(),
                });
            }
        }
        operations
    }

    /// What a reference leads to, or the value itself.
    fn resolve<'a>(&'a self, value: &'a Json) -> &'a Json {
        match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(pointer) => self.0.pointer(pointer).expect("a reference leads somewhere"),
            None => value,
        }
    }
}

impl Operation {
    /// Whether it is this verb.
    fn is(&self, verb: &str) -> bool {
        self.path.ends_with(&format!(":{verb}"))
    }

    /// The media type and the example of the body.
    fn body(&self) -> Option<(&str, &Json)> {
        let contents = self.declared["requestBody"]["content"].as_object()?;
        // The first in the document; a parsed object is sorted, so the plain form is looked for by name.
        let known = ["application/merge-patch+json", "application/json", "application/x-ndjson"];
        let media = known.into_iter().find(|media| contents.contains_key(*media))?;
        let (media, content) = contents.get_key_value(media)?;
        Some((media, &content["example"]))
    }

    /// The call that the document shows.
    fn request(&self, client: &TestClient) -> TestRequest {
        self.request_at(client, &self.path)
    }

    /// The same call at another path.
    fn request_at(&self, client: &TestClient, path: &str) -> TestRequest {
        let request = client.request(self.method.clone(), path);
        match self.body() {
            // Lines are a text, and everything else is JSON.
            Some((media, Json::String(lines))) => request.text(media, lines.clone()),
            Some((media, body)) => request.text(media, body.to_string()),
            None => request,
        }
    }

    /// The declared statuses of this class.
    fn statuses(&self, successes: bool) -> Vec<u16> {
        let statuses = self.declared["responses"].as_object().expect("an operation has responses").keys();
        let statuses = statuses.map(|status| status.parse::<u16>().expect("a status is a number"));
        statuses.filter(|status| (*status < 400) == successes).collect()
    }
}
