//! What the wire contract says of every response, checked member by member.

use http::{
    Method, Uri,
    header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER},
};
use serde_json::{Map, Value as Json};

use super::TestResponse;

const ERROR_MEMBERS: [&str; 9] = [
    "reason",
    "retry",
    "retryAfterMillis",
    "fixRequest",
    "reauthenticate",
    "maintenance",
    "contactSupport",
    "errors",
    "notices",
];

/// Everything about a response that breaks the contract; empty for one that keeps it.
pub(super) fn faults(method: &Method, uri: &Uri, response: &TestResponse) -> Vec<String> {
    let mut check = Check { response, faults: Vec::new() };
    check.headers();
    if !is_exempt(method, uri, response) {
        check.envelope(uri);
    }
    check.faults
}

/// Whether the response is one of those that have no envelope.
fn is_exempt(method: &Method, uri: &Uri, response: &TestResponse) -> bool {
    let media = response.find_header(CONTENT_TYPE.as_str()).unwrap_or_default();
    let other =
        ["application/problem+json", "application/xml", "application/x-ndjson", "text/csv", "text/html"];
    *method == Method::HEAD
        // A coding is for the client to undo.
        || response.headers.contains_key(CONTENT_ENCODING)
        || response.status == 304
        || other.iter().any(|other| media.starts_with(other))
        || (response.status == 200 && uri.path().ends_with("/openapi.json"))
        || (response.status == 200 && uri.path() == "/metrics")
}

struct Check<'a> {
    response: &'a TestResponse,
    faults: Vec<String>,
}

impl Check<'_> {
    fn that(&mut self, holds: bool, text: impl FnOnce() -> String) -> bool {
        if !holds {
            self.faults.push(text());
        }
        holds
    }

    fn headers(&mut self) {
        for name in ["request-id", "server-request-id", "x-content-type-options"] {
            self.that(self.response.headers.contains_key(name), || format!("the header `{name}` is missing"));
        }
        if self.response.status == 405 {
            self.that(self.response.headers.contains_key(ALLOW), || {
                "a 405 without the header `allow`".to_owned()
            });
        }
    }

    fn envelope(&mut self, uri: &Uri) {
        let media = self.response.find_header(CONTENT_TYPE.as_str()).unwrap_or("none").to_owned();
        self.that(media == "application/json", || {
            format!("the content type is {media}, not application/json")
        });
        let body = &self.response.body;
        let Some(envelope) = self.object("the body", body, &["status", "request", "data"]) else { return };
        self.request(&envelope["request"], uri);
        self.status(&envelope["status"]);
        self.data(&envelope["data"]);
    }

    /// The object at `place`, when it has exactly these members.
    fn object<'a>(
        &mut self,
        place: &str,
        value: &'a Json,
        members: &[&str],
    ) -> Option<&'a Map<String, Json>> {
        let Some(object) = value.as_object() else {
            self.faults.push(format!("{place} is not an object"));
            return None;
        };
        let mut complete = true;
        for member in members {
            complete &=
                self.that(object.contains_key(*member), || format!("{place} has no member `{member}`"));
        }
        for member in object.keys().filter(|member| !members.contains(&member.as_str())) {
            self.faults.push(format!("{place} has a member `{member}` that the contract does not know"));
        }
        complete.then_some(object)
    }

    fn request(&mut self, value: &Json, uri: &Uri) {
        let Some(request) = self.object("`request`", value, &["id", "uri", "queryString", "body"]) else {
            return;
        };
        let id = self.response.find_header("request-id").unwrap_or_default();
        self.that(request["id"] == id && !id.is_empty(), || {
            format!("`request.id` is {}, but the header `request-id` is {id:?}", request["id"])
        });
        self.that(request["uri"] == uri.path(), || {
            format!("`request.uri` is {}, but the path was {:?}", request["uri"], uri.path())
        });
        let query = uri.query().unwrap_or_default();
        let same = request["queryString"] == query;
        // Secrets and refused request ids in the query are replaced.
        let redacted = request["queryString"].as_str().is_some_and(|query| query.contains("[redacted]"));
        self.that(same || redacted, || {
            format!("`request.queryString` is {}, but the query was {query:?}", request["queryString"])
        });
    }

    fn status(&mut self, value: &Json) {
        let Some(status) = self.object("`status`", value, &["code", "description", "additionalInfo"]) else {
            return;
        };
        let code = self.response.status;
        self.that(status["code"] == code, || {
            format!("`status.code` is {}, but the status was {code}", status["code"])
        });
        self.that(status["description"].as_str().is_some_and(|text| !text.is_empty()), || {
            "`status.description` is not a sentence".to_owned()
        });
        let info = &status["additionalInfo"];
        if code < 400 {
            self.that(info.is_object(), || "`status.additionalInfo` is not an object".to_owned());
        } else {
            self.error(info);
        }
    }

    fn error(&mut self, value: &Json) {
        let Some(info) = self.object("`additionalInfo`", value, &ERROR_MEMBERS) else { return };
        self.that(info["reason"].is_string(), || "`reason` is not a text".to_owned());
        for member in ["retry", "fixRequest", "reauthenticate", "maintenance", "contactSupport"] {
            self.that(info[member].is_boolean(), || format!("`{member}` is not a boolean"));
        }
        let millis = info["retryAfterMillis"].as_u64();
        self.that(millis.is_some() == (info["retry"] == true), || {
            "`retryAfterMillis` must be a number when `retry` is true, else null".to_owned()
        });
        let expected = millis.map(|millis| millis.div_ceil(1000)).filter(|seconds| *seconds > 0);
        let header = self.response.find_header(RETRY_AFTER.as_str()).map(str::to_owned);
        self.that(header == expected.map(|seconds| seconds.to_string()), || {
            format!("the header `retry-after` is {header:?}, but `retryAfterMillis` is {millis:?}")
        });
        self.that(info["notices"].is_array(), || "`notices` is not a list".to_owned());
        let Some(errors) = info["errors"].as_array() else {
            self.faults.push("`errors` is not a list".to_owned());
            return;
        };
        for (at, error) in errors.iter().enumerate() {
            let locators =
                ["pointer", "parameter", "header"].iter().filter(|name| error[**name].is_string()).count();
            self.that(locators == 1, || format!("`errors[{at}]` has {locators} locators, not one"));
            self.that(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), || {
                format!("`errors[{at}]` has no detail")
            });
        }
    }

    fn data(&mut self, value: &Json) {
        if self.response.status >= 400 {
            self.that(value.is_null(), || "`data` of an error is not null".to_owned());
            return;
        }
        let Some(data) = self.object("`data`", value, &["meta", "values"]) else { return };
        self.that(data["meta"].is_object(), || "`data.meta` is not an object".to_owned());
        let values = &data["values"];
        self.that(values.is_object() || values.is_array(), || {
            "`data.values` is neither an object nor a list".to_owned()
        });
        if let (201, Some(location)) = (self.response.status, self.response.find_header(LOCATION.as_str())) {
            self.that(values["url"] == location, || {
                format!("the header `location` is {location:?}, but `values.url` is {}", values["url"])
            });
        }
    }
}
