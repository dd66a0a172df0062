//! What the document says: names, schemas, descriptions.

use std::{fs, path::Path};

use device_registry::{Attribute, Device, DeviceState, DeviceType, Site, StateMachine};
use rest_standard::{command::Service, testing::TestService};
use rest_standard_tests::{Registry, Stored, Workshop, on_every_store};
use serde_json::{Value as Json, json};

use super::Document;

/// A validator of a schema of the document.
fn validator(document: &Document, schema: &Json) -> jsonschema::Validator {
    let mut whole = schema.clone();
    whole["components"] = document.0["components"].clone();
    let options =
        jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
    options.build(&whole).expect("the schema can be read")
}

on_every_store! {
    async fn r009_all_members_of_a_list_have_one_schema(api: Registry) {
        let document = Document::of(api.client()).await;
        for (list, path) in [
            ("DeviceTypeListResponse", "device-types"),
            ("DeviceListResponse", "device-types/house-alarm/devices"),
            ("ApiChangeListResponse", "device-types/house-alarm/changes"),
        ] {
            let schema = &document.0["components"]["schemas"][list];
            let items = &schema["properties"]["data"]["properties"]["values"]["items"];
            let validator = validator(&document, items);
            let answer = api.get(path).await.assert_status(200);
            let members = answer.values().as_array().expect("a list");
            assert!(!members.is_empty());
            for member in members {
                assert!(validator.is_valid(member), "{member}");
                let mut other = member.clone();
                other["createdAt"] = json!("yesterday");
                assert!(!validator.is_valid(&other), "the schema lets anything through");
            }
        }
    }

    async fn r052_every_answer_has_one_envelope(api: Registry) {
        let document = Document::of(api.client()).await;
        let envelope = validator(&document, &json!({"$ref": "#/components/schemas/ApiEnvelope"}));
        let error = validator(&document, &json!({"$ref": "#/components/schemas/ApiError"}));
        for operation in document.operations() {
            for refused in [false, true] {
                // An export has no envelope but where it is refused.
                if operation.is("export") && !refused {
                    continue;
                }
                let request = operation.request(api.client());
                let request = if refused { request.header("accept", "image/png") } else { request };
                let answer = request.await;
                assert!(envelope.is_valid(&answer.body), "{answer}");
                assert_eq!(error.is_valid(&answer.body), answer.status >= 400, "{answer}");
            }
        }
        for path in ["/ping", "/health/live", "/health/ready", "/nowhere", "/api/v9", "/"] {
            let answer = api.get(path).await;
            assert!(envelope.is_valid(&answer.body), "{answer}");
        }
        assert!(!envelope.is_valid(&json!({"status": {}, "data": null})), "the schema lets anything through");
    }
}

#[tokio::test]
async fn r076_variants_are_told_with_number_name_and_description() {
    let api = Registry::start(Stored::Memory).await;
    let document = Document::of(api.client()).await;
    let mode = &document.0["components"]["schemas"]["Mode"];
    assert_eq!(mode["enum"], json!(["Off", "On", "Ring"]));
    assert_eq!(mode["x-enum-numbers"], json!([0, 1, 2]));
    assert_eq!(mode["x-enum-descriptions"], json!(["Nothing.", "Watching.", "Making noise."]));
    let text = mode["description"].as_str().expect("an enum is described");
    assert!(text.contains("- `Off` (0, the default): Nothing.\n- `On` (1): Watching.\n"), "{text}");
}

#[tokio::test]
async fn the_document_is_what_was_reviewed() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/openapi/device-registry.json");
    let api = Registry::start(Stored::Memory).await;
    let document = Document::of(api.client()).await.0;
    let text = serde_json::to_string_pretty(&document).expect("JSON can be written") + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(golden.parent().expect("the file has a folder")).expect("the folder can be made");
        fs::write(&golden, &text).expect("the file can be written");
    }
    let reviewed = fs::read_to_string(&golden).expect("the file exists; BLESS=1 writes it");
    assert!(
        reviewed == text,
        "the document is another than tests/golden/openapi/device-registry.json; BLESS=1 writes it anew for review"
    );
}

/// Operations and schemas by name.
fn named(document: &Json) -> std::collections::BTreeMap<String, Json> {
    let operations =
        document["paths"].as_object().expect("there are paths").iter().flat_map(|(path, item)| {
            item.as_object().expect("a path has operations").iter().map(move |(method, operation)| {
                let name = operation["operationId"].as_str().expect("an operation has an id");
                (name.to_owned(), json!([path, method, operation]))
            })
        });
    let schemas = document["components"]["schemas"].as_object().expect("there are schemas");
    operations.chain(schemas.iter().map(|(name, schema)| (name.clone(), schema.clone()))).collect()
}

#[tokio::test]
async fn a_resource_that_is_added_changes_nothing_of_the_others() {
    let document = async |service: Service| {
        let client = TestService::memory(service).await.client();
        Document::of(&client).await.0
    };
    let all = named(
        &document(Service::new("device-registry").version("v1", |api| {
            api.resource::<Site>()
                .resource::<DeviceType>()
                .resource::<StateMachine>()
                .resource::<Attribute>()
                .resource::<Device>()
                .resource::<DeviceState>()
        }))
        .await,
    );
    // Fewer resources, and in another order.
    let fewer = named(
        &document(
            Service::new("device-registry")
                .version("v1", |api| api.resource::<StateMachine>().resource::<DeviceType>()),
        )
        .await,
    );
    assert!(fewer.len() > 20 && fewer.len() < all.len());
    for (name, described) in &fewer {
        // A resource links its children, so its example changes; its schema does not. Children and
        // their rules can refuse its delete.
        let plain = |json: &Json| {
            let mut json = json.clone();
            json.as_object_mut().map(|members| members.remove("examples"));
            if let Some(answers) = json.pointer_mut("/2/responses").and_then(Json::as_object_mut) {
                answers.retain(|status, _| !["409", "422"].contains(&&**status));
            }
            json
        };
        assert_eq!(all.get(name).map(plain), Some(plain(described)), "`{name}` is described otherwise");
    }
}

#[tokio::test]
async fn operation_ids_and_schema_names_survive_as_identifiers() {
    for document in [
        Document::of(Registry::start(Stored::Memory).await.client()).await,
        Document::of(Workshop::start(Stored::Memory).await.client()).await,
    ] {
        for name in named(&document.0).keys() {
            let is_identifier = name.chars().all(|char| char.is_ascii_alphanumeric())
                && name.starts_with(|char: char| char.is_ascii_alphabetic());
            assert!(is_identifier, "`{name}` is no identifier");
        }
    }
}

#[tokio::test]
async fn the_operations_of_the_registry_are_these() {
    let api = Registry::start(Stored::Memory).await;
    let document = Document::of(api.client()).await;
    let ids: Vec<String> = document.operations().into_iter().map(|operation| operation.id).collect();
    for id in [
        "readEntryPoint",
        "listDeviceTypes",
        "createDeviceType",
        "readDeviceType",
        "updateDeviceType",
        "patchDeviceType",
        "deleteDeviceType",
        "undeleteDeviceType",
        "listDeviceTypeChanges",
        "readDeviceTypeChange",
        "readStateMachine",
        "updateStateMachine",
        "patchStateMachine",
        "listAttributes",
        "createAttribute",
        "readAttribute",
        "updateAttribute",
        "patchAttribute",
        "deleteAttribute",
        "listDevices",
        "listDevicesAcrossParents",
        "createDevice",
        "readDevice",
        "updateDevice",
        "patchDevice",
        "deleteDevice",
        "listDeviceChanges",
        "readDeviceChange",
        "readDeviceState",
        "updateDeviceState",
        "patchDeviceState",
        "transitionDeviceState",
        "ringDeviceState",
        "silenceDeviceState",
        "batchGetDeviceTypes",
        "batchCreateDeviceTypes",
        "batchUpdateDeviceTypes",
        "batchDeleteDeviceTypes",
        "batchGetAttributes",
        "batchCreateAttributes",
        "batchUpdateAttributes",
        "batchDeleteAttributes",
        "batchGetDevices",
        "batchCreateDevices",
        "batchUpdateDevices",
        "batchDeleteDevices",
        "importDeviceTypes",
        "exportDevices",
        "exportDevicesAcrossParents",
        "importDevices",
        "createSite",
        "exportSites",
    ] {
        assert!(ids.iter().any(|other| other == id), "there is no `{id}` in {ids:?}");
    }
    assert_eq!(ids.len(), 63, "{ids:?}");
}

/// What a walk along all links finds must be in the document, so no operation can be forgotten.
#[tokio::test]
async fn r001_every_link_leads_to_an_operation() {
    let api = Registry::start(Stored::Memory).await;
    let document = Document::of(api.client()).await;
    let patterns: Vec<(String, Vec<String>)> = document.0["paths"]
        .as_object()
        .expect("there are paths")
        .iter()
        .map(|(path, item)| {
            let methods = item.as_object().expect("a path has operations").keys();
            (path.clone(), methods.map(|method| method.to_uppercase()).collect())
        })
        .collect();
    let (mut open, mut seen) = (vec![String::from("/api/v1")], std::collections::BTreeSet::new());
    let mut links = 0;
    while let Some(address) = open.pop() {
        let answer = api.get(&address).await.assert_status(200);
        let mut all = answer.links().to_vec();
        for value in answer.values().as_array().into_iter().flatten().take(3) {
            all.extend(value["links"].as_array().cloned().unwrap_or_default());
        }
        for link in all {
            let href = link["href"].as_str().expect("a link has an address");
            let path = href.split('?').next().unwrap_or_default();
            let Some(path) = path.strip_prefix("http://localhost/api/v1") else { continue };
            let action = link["action"].as_str().expect("a link has an action");
            if path.ends_with("openapi.json") || path.ends_with("/docs") {
                continue;
            }
            links += 1;
            assert!(
                patterns.iter().any(|(pattern, methods)| {
                    methods.iter().any(|method| method == action) && fits(pattern, path)
                }),
                "no operation is {action} {path}"
            );
            if action == "GET" && seen.len() < 300 && seen.insert(path.to_owned()) {
                open.push(format!("/api/v1{path}"));
            }
        }
    }
    assert!(links > 300, "{links} links");
}

/// Whether the path is one of the template's.
fn fits(template: &str, path: &str) -> bool {
    let path = if path.is_empty() { "/" } else { path };
    let verb = |path: &str| {
        path.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, verb)| verb.to_owned())
    };
    let plain = |path: &str| match verb(path) {
        Some(verb) => path[..path.len() - verb.len() - 1].to_owned(),
        None => path.to_owned(),
    };
    let (declared, found) = (plain(template), plain(path));
    let (declared, found): (Vec<_>, Vec<_>) = (declared.split('/').collect(), found.split('/').collect());
    verb(template) == verb(path)
        && declared.len() == found.len()
        && declared.iter().zip(&found).all(|(declared, found)| declared.starts_with('{') || declared == found)
}
