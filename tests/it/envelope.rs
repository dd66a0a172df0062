//! The shape of every response, and what it repeats of the request.

use http::Method;
use rest_standard_tests::{Registry, Workshop, full, on_every_store};
use serde_json::{Value as Json, json};

/// Asserts that the body is the envelope and nothing but it.
fn is_envelope(answer: &rest_standard::testing::TestResponse) {
    let members = |value: &Json| value.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>());
    let sorted = |value: &Json| {
        let mut names = members(value).unwrap_or_default();
        names.sort();
        names
    };
    assert_eq!(sorted(&answer.body), ["data", "request", "status"], "{answer}");
    assert_eq!(sorted(&answer.body["status"]), ["additionalInfo", "code", "description"]);
    assert_eq!(sorted(&answer.body["request"]), ["body", "id", "queryString", "uri"]);
    if answer.status < 400 {
        assert_eq!(sorted(&answer.body["data"]), ["meta", "values"]);
    } else {
        assert!(answer.body["data"].is_null());
    }
}

/// Asserts that the names of all members are lowerCamelCase.
fn names_are_lower_camel(value: &Json) {
    match value {
        Json::Object(members) => {
            for (name, member) in members {
                let is_camel = name.starts_with(|char: char| char.is_ascii_lowercase())
                    && name.chars().all(|char| char.is_ascii_alphanumeric());
                assert!(is_camel, "`{name}` is not lowerCamelCase");
                names_are_lower_camel(member);
            }
        }
        Json::Array(items) => items.iter().for_each(names_are_lower_camel),
        _ => {}
    }
}

on_every_store! {
    async fn r023_r052_every_method_answers_in_the_envelope(api: Registry) {
        let device = api.device().await;
        let answers = [
            api.get("").await,
            api.get("device-types").await,
            api.get(&device).await,
            api.patch(&device, json!({"volume": 1})).await,
            api.put(&device, json!({})).await,
            api.post("device-types", json!({"id": "new", "displayName": "New"})).await,
            api.post(&format!("{device}/state:transition"), json!({"to": "On"})).await,
            api.request(Method::OPTIONS, &device).await,
            api.request(Method::TRACE, &device).await,
            api.get("nothing").await,
            api.get("/nothing/at/all").await,
            api.delete(&device).await,
            api.delete(&device).await,
        ];
        answers.iter().for_each(is_envelope);
    }

    async fn r053_the_status_is_that_of_http(api: Registry) {
        for path in ["", "device-types/absent", "device-types/UPPER", "nothing"] {
            let answer = api.get(path).await;
            assert_eq!(answer.body["status"]["code"], answer.status);
            assert!(answer.body["status"]["additionalInfo"].is_object());
        }
    }

    async fn r140_the_description_is_a_sentence(api: Registry) {
        for path in ["device-types/absent", "device-types/UPPER", "nothing", "device-types?$nothing=1"] {
            let answer = api.get(path).await;
            let text = answer.body["status"]["description"].as_str().expect("a text").to_owned();
            assert!(text.contains(' ') && text.starts_with(|char: char| char.is_uppercase()), "{text}");
        }
    }

    async fn r054_the_request_is_repeated_as_it_came(api: Registry) {
        let body = json!({"id": "siren", "displayName": "Siren", "manufacturer": "Ä&B"});
        let answer = api.post("device-types?%24validate=true", body.clone()).header("request-id", "abc").await.assert_status(201);
        let request = &answer.body["request"];
        assert_eq!(request["uri"], full("device-types"));
        assert_eq!(request["queryString"], "%24validate=true");
        assert_eq!((&request["body"], &request["id"]), (&body, &json!("abc")));
    }

    async fn r054_without_query_and_body_they_are_empty_and_null(api: Registry) {
        let answer = api.get("device-types/").await.assert_status(200);
        let request = &answer.body["request"];
        assert_eq!((&request["queryString"], &request["body"]), (&json!(""), &Json::Null));
        assert_eq!(request["uri"], full("device-types/"));
    }

    async fn r054_a_body_over_8_kib_is_not_repeated(api: Registry) {
        let long = json!({"id": "siren", "displayName": "Siren", "manufacturer": "x".repeat(9 * 1024)});
        let answer = api.post("device-types", long).await;
        assert_eq!(answer.body["request"]["body"], json!({"truncated": true}));
        let short = json!({"id": "short", "displayName": "Siren", "manufacturer": "x".repeat(7 * 1024)});
        let answer = api.post("device-types", short.clone()).await;
        assert_eq!(answer.body["request"]["body"], short);
    }

    async fn r054_secrets_are_not_repeated(api: Workshop) {
        let site = api.site().await;
        let mut body = api.shelf_body("a");
        body["pin"] = json!("8642975");
        let made = api.post(&format!("{site}/shelves"), body).await.assert_status(201);
        assert!(!made.text.contains("8642975"), "{made}");
        assert_eq!(made.body["request"]["body"]["pin"], "[redacted]");
        let refused = api.patch(&format!("{site}/shelves/a"), json!({"pin": "864297586429758642"})).await;
        refused.assert_refused(422, "InvalidValue");
        assert!(!refused.text.contains("8642975"), "{refused}");
        let patch = json!([{"op": "replace", "path": "/pin", "value": "8642975"}]);
        let patched = api.request(Method::PATCH, &format!("{site}/shelves/a")).text("application/json-patch+json", patch.to_string()).await;
        assert!(!patched.text.contains("8642975"), "{patched}");
    }

    async fn r055_success_has_meta_and_values(api: Registry) {
        for path in ["", "device-types", "device-types/house-alarm"] {
            let answer = api.get(path).await.assert_status(200);
            assert!(answer.meta().is_object() && !answer.values().is_null());
        }
    }

    async fn r056_every_resource_has_an_id_and_a_url_that_leads_to_it(api: Registry) {
        let device = api.device().await;
        for path in [device.clone(), format!("{device}/state"), "device-types/house-alarm/state-machine".to_owned()] {
            let values = api.values(&path).await;
            let url = values["url"].as_str().expect("a URL is a text").to_owned();
            assert_eq!((api.values(&url).await, values["id"].is_string()), (values, true));
        }
        for element in api.get("device-types").await.values().as_array().expect("a list") {
            assert_eq!(api.values(element["url"].as_str().expect("a URL is a text")).await, *element);
        }
    }

    async fn r057_errors_before_any_handler_have_the_envelope(api: Registry) {
        let unknown = api.get("/somewhere/else").await;
        unknown.assert_refused(404, "NotFound");
        let broken = api.request(Method::POST, "device-types").text("application/json", "{\"id\": ").await;
        broken.assert_refused(400, "MalformedRequest");
        let encoded = api.get("device-types/%FF%FE").await;
        assert_eq!(encoded.status / 100, 4);
        [unknown, broken, encoded].iter().for_each(is_envelope);
    }

    async fn r058_an_empty_list_is_an_empty_array(api: Registry) {
        let kind = api.kind("siren").await;
        let answer = api.get(&format!("{kind}/devices")).await.assert_status(200);
        assert_eq!((answer.values(), &answer.meta()["totalCount"]), (&json!([]), &json!(0)));
        assert_eq!(answer.meta()["totalCountRelation"], "Exact");
    }

    async fn r059_success_with_nothing_to_return_is_an_empty_object(api: Registry) {
        let device = api.device().await;
        let dry = api.delete(&format!("{device}?$validate=true")).await.assert_status(200);
        assert_eq!(dry.meta()["preview"], json!({}));
        assert_eq!(*api.delete(&device).await.assert_status(200).values(), json!({}));
    }

    async fn r060_every_error_has_null_data(api: Registry) {
        let device = api.device().await;
        let answers = [
            api.get("nothing").await,
            api.get(&format!("{device}?$nothing=1")).await,
            api.patch(&device, json!({"volume": 11})).await,
            api.patch(&device, json!({"volume": 1})).header("if-match", "\"other\"").await,
            api.post("device-types", json!({"id": "house-alarm", "displayName": "H"})).await,
            api.request(Method::PATCH, &device).text("text/plain", "x").await,
            api.post(&device, json!({})).await,
            api.call(&format!("{device}/state:silence")).await,
        ];
        assert!(answers.iter().all(|answer| answer.status >= 400));
        assert!(answers.iter().all(|answer| answer.body.get("data") == Some(&Json::Null)));
    }

    async fn r062_all_names_on_the_wire_are_lower_camel(api: Registry) {
        let device = api.device().await;
        let answers = [
            api.get("device-types").await,
            api.get(&device).await,
            api.get(&format!("{device}/changes")).await,
            api.get("device-types/house-alarm/state-machine").await,
            api.patch(&device, json!({"volume": 11})).await,
        ];
        answers.iter().for_each(|answer| names_are_lower_camel(&answer.body));
    }

    async fn r128_no_response_is_empty_but_head_and_304(api: Registry) {
        let device = api.device().await;
        let etag = api.get(&device).await.header("etag").to_owned();
        assert_eq!(api.get(&device).header("if-none-match", &etag).await.text, "");
        let answers = [
            api.request(Method::OPTIONS, &device).await,
            api.delete("device-types/absent?$allowMissing=true").await,
            api.request(Method::CONNECT, &device).await,
            api.delete(&device).await,
            api.delete(&device).await,
        ];
        assert!(answers.iter().all(|answer| !answer.text.is_empty()));
    }

    async fn r201_json_is_always_application_json(api: Registry) {
        let device = api.device().await;
        for path in ["", "device-types", &device, "nothing", "device-types?$format=json"] {
            assert_eq!(api.get(path).await.header("content-type"), "application/json");
        }
        let accepting = api.get(&device).header("accept", "application/*;q=0.5, text/html;q=0.1").await;
        assert_eq!(accepting.header("content-type"), "application/json");
    }

    async fn problems_are_answered_where_accept_ranks_them_first(api: Registry) {
        let device = api.device().await;
        let problem = api.patch(&device, json!({"volume": 11})).header("accept", "application/problem+json, application/json;q=0.5").await;
        assert_eq!((problem.status, problem.header("content-type")), (422, "application/problem+json"));
        for member in ["type", "title", "status", "detail", "instance", "reason", "retry", "errors", "notices"] {
            assert!(problem.body.get(member).is_some(), "`{member}` is missing\n{problem}");
        }
        assert_eq!((&problem.body["status"], &problem.body["reason"]), (&json!(422), &json!("InvalidValue")));
        let ranked = api.patch(&device, json!({"volume": 11})).header("accept", "application/problem+json;q=0.5, application/json").await;
        assert_eq!(ranked.header("content-type"), "application/json");
        let success = api.get(&device).header("accept", "application/problem+json, application/json;q=0.5").await;
        assert_eq!((success.status, success.header("content-type")), (200, "application/json"));
    }

    async fn successes_answer_no_additional_info_but_an_object(api: Registry) {
        let answer = api.get("device-types").await.assert_status(200);
        assert!(answer.body["status"]["additionalInfo"].is_object());
        assert!(answer.body["status"]["code"].is_u64());
    }
}
