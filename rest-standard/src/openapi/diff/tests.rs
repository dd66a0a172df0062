//! Pairs of documents, and what is said of each pair.

use serde_json::json;

use super::*;

/// A document with these paths and the schemas `Device` and `DeviceInput`.
fn document(paths: &Json) -> Json {
    json!({
        "openapi": "3.1.1",
        "paths": paths,
        "components": {
            "schemas": {
                "Device": {
                    "type": "object",
                    "properties": {
                        "volume": {"type": "integer", "minimum": 0, "maximum": 10},
                        "owner": {"type": ["string", "null"]},
                        "mode": {"$ref": "#/components/schemas/Mode"},
                        "below": {"type": "array", "items": {"$ref": "#/components/schemas/Device"}},
                    },
                    "required": ["volume", "owner", "mode", "below"],
                },
                "DeviceInput": {
                    "type": "object",
                    "properties": {
                        "volume": {"type": "integer", "minimum": 0, "maximum": 10, "default": 5},
                        "owner": {"type": "string", "maxLength": 64},
                        "mode": {"$ref": "#/components/schemas/Mode"},
                    },
                    "required": ["owner"],
                    "additionalProperties": false,
                },
                "Mode": {"type": "string", "enum": ["Off", "On"]},
            },
            "parameters": {"Limit": {"name": "$limit", "in": "query", "schema": {"type": "integer", "maximum": 1000}}},
            "responses": {"NotFound": {"description": "", "headers": {"Request-ID": {}}, "content": {}}},
        },
    })
}

fn standard() -> Json {
    let device = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Device"}}});
    let input = json!({"application/json": {"schema": {"$ref": "#/components/schemas/DeviceInput"}}});
    document(&json!({
        "/devices": {
            "get": {
                "operationId": "listDevices",
                "parameters": [{"$ref": "#/components/parameters/Limit"}],
                "responses": {"200": {"content": {"application/json": {"schema": {
                    "type": "object",
                    "properties": {"values": {"type": "array", "items": {"$ref": "#/components/schemas/Device"}}},
                    "required": ["values"],
                }}}}},
            },
            "post": {
                "operationId": "createDevice",
                "requestBody": {"required": true, "content": input},
                "responses": {"201": {"headers": {"ETag": {}, "Location": {}}, "content": device}},
            },
        },
        "/devices/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}],
            "get": {
                "operationId": "readDevice",
                "parameters": [{"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}],
                "responses": {"200": {"content": device}, "404": {"$ref": "#/components/responses/NotFound"}},
            },
        },
    }))
}

/// What is said of a change of the standard document; breaking differences begin with an exclamation mark.
fn said(change: impl FnOnce(&mut Json)) -> Vec<String> {
    let (old, mut new) = (standard(), standard());
    change(&mut new);
    lines(&old, &new)
}

fn lines(old: &Json, new: &Json) -> Vec<String> {
    let mark = |found: Difference| format!("{}{}", if found.breaking { "! " } else { "" }, found.text);
    differences(old, new).into_iter().map(mark).collect()
}

fn set(document: &mut Json, pointer: &str, value: Json) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    document.pointer_mut(parent).expect("the parent is there")[name] = value;
}

fn remove(document: &mut Json, pointer: &str) -> Json {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = document.pointer_mut(parent).and_then(Json::as_object_mut).expect("the parent is there");
    parent.remove(&name.replace("~1", "/")).expect("the member is there")
}

const DEVICE: &str = "/components/schemas/Device";
const INPUT: &str = "/components/schemas/DeviceInput";

#[test]
fn equal_documents_do_not_differ() {
    assert_eq!(said(|_| {}), [""; 0]);
    assert_eq!(lines(&json!({}), &json!({})), [""; 0]);
}

#[test]
fn operations_come_go_and_move() {
    let gone = said(|new| drop(remove(new, "/paths/~1devices/post")));
    assert_eq!(gone, ["! `createDevice` (POST /devices) was removed"]);
    let added = said(|new| set(new, "/paths/~1devices/put", json!({"operationId": "replaceDevices"})));
    assert_eq!(added, ["`replaceDevices` (PUT /devices) was added"]);
    let moved = said(|new| {
        let item = remove(new, "/paths/~1devices~1{id}");
        new["paths"]["/things/{id}"] = item;
    });
    assert_eq!(moved, ["! `readDevice` moved from GET /devices/{id} to GET /things/{id}"]);
    let renamed = said(|new| set(new, "/paths/~1devices/get/operationId", json!("allDevices")));
    assert_eq!(
        renamed,
        [
            "! `listDevices` (GET /devices) is called `allDevices`; requests stay as they are, generated methods do not"
        ]
    );
}

#[test]
fn the_name_of_a_parameter_in_the_path_is_on_no_wire() {
    let renamed = said(|new| {
        let mut item = remove(new, "/paths/~1devices~1{id}");
        item["parameters"][0]["name"] = json!("deviceId");
        new["paths"]["/devices/{deviceId}"] = item;
    });
    assert_eq!(renamed, [""; 0]);
}

#[test]
fn parameters_break_when_they_go_or_are_demanded() {
    let limit = |required| json!([{"name": "$top", "in": "query", "required": required, "schema": {"type": "integer"}}]);
    let added = said(|new| set(new, "/paths/~1devices/post/parameters", limit(false)));
    assert_eq!(added, ["`createDevice`: the query parameter `$top` was added"]);
    let demanded = said(|new| set(new, "/paths/~1devices/post/parameters", limit(true)));
    assert_eq!(demanded, ["! `createDevice`: the required query parameter `$top` was added"]);
    let gone = said(|new| set(new, "/paths/~1devices/get/parameters", json!([])));
    assert_eq!(gone, ["! `listDevices`: the query parameter `$limit` was removed"]);
    let other = said(|new| set(new, "/components/parameters/Limit/schema/maximum", json!(100)));
    assert_eq!(other, ["! the shared query parameter `$limit` has the `maximum` 100, before 1000"]);
    let required = said(|new| set(new, "/paths/~1devices~1{id}/get/parameters/0/required", json!(true)));
    assert_eq!(required, ["! `readDevice`: the header `If-None-Match` became required"]);
    let form = said(|new| set(new, "/paths/~1devices~1{id}/parameters/0/schema", json!({"type": "integer"})));
    assert_eq!(form, ["! `readDevice`: the path parameter `id` is of type integer, before string"]);
}

#[test]
fn an_order_is_told_by_its_fields_and_not_by_its_pattern() {
    let order = |fields: &[&str]| {
        let schema = json!({"type": "string", "pattern": fields.join("|"), "x-fields": fields});
        let mut document = standard();
        set(
            &mut document,
            "/paths/~1devices/get/parameters",
            json!([{"name": "$orderBy", "in": "query", "schema": schema}]),
        );
        document
    };
    let said = lines(&order(&["owner", "volume"]), &order(&["volume", "name"]));
    assert_eq!(
        said,
        [
            "! `listDevices`: the query parameter `$orderBy` no longer takes `owner`",
            "`listDevices`: the query parameter `$orderBy` takes `name`",
        ]
    );
}

#[test]
fn a_request_breaks_when_less_is_taken() {
    let input = "the schema `DeviceInput` in requests";
    let required = said(|new| set(new, &format!("{INPUT}/required"), json!(["owner", "volume"])));
    assert_eq!(required, [format!("! {input}: `volume` became required")]);
    let optional = said(|new| set(new, &format!("{INPUT}/required"), json!([])));
    assert_eq!(optional, [format!("{input}: `owner` became optional")]);
    let narrower = said(|new| set(new, &format!("{INPUT}/properties/owner/maxLength"), json!(32)));
    assert_eq!(narrower, [format!("! {input}: `owner` has the `maxLength` 32, before 64")]);
    let wider = said(|new| set(new, &format!("{INPUT}/properties/volume/minimum"), json!(-5)));
    assert_eq!(wider, [format!("{input}: `volume` has the `minimum` -5, before 0")]);
    let gone = said(|new| drop(remove(new, &format!("{INPUT}/properties/volume"))));
    assert_eq!(gone, [format!("! {input}: `volume` was removed")]);
    let pattern = said(|new| set(new, &format!("{INPUT}/properties/owner/pattern"), json!("^a")));
    assert_eq!(pattern, [format!("! {input}: `owner` has the `pattern` `^a`, before none")]);
    let default = said(|new| set(new, &format!("{INPUT}/properties/volume/default"), json!(6)));
    assert_eq!(default, [format!("{input}: `volume` has the default `6`, before `5`")]);
    let open = said(|new| drop(remove(new, &format!("{INPUT}/additionalProperties"))));
    assert_eq!(open, [format!("{input} may have members of any name")]);
    let new_field = said(|new| {
        set(new, &format!("{INPUT}/properties/place"), json!({"type": "string"}));
        set(new, &format!("{INPUT}/properties/label"), json!({"type": "string"}));
        set(new, &format!("{INPUT}/required"), json!(["owner", "place"]));
    });
    assert_eq!(
        new_field,
        [format!("! {input}: `place` was added and is required"), format!("{input}: `label` was added")]
    );
    let body = said(|new| drop(remove(new, "/paths/~1devices/post/requestBody")));
    assert_eq!(body, ["! `createDevice`: the body was removed"]);
}

#[test]
fn an_answer_breaks_when_it_holds_less_or_something_else() {
    let device = "the schema `Device` in answers";
    let gone = said(|new| drop(remove(new, &format!("{DEVICE}/properties/volume"))));
    assert_eq!(gone, [format!("! {device}: `volume` was removed")]);
    let added = said(|new| set(new, &format!("{DEVICE}/properties/place"), json!({"type": "string"})));
    assert_eq!(added, [format!("{device}: `place` was added")]);
    let null = said(|new| set(new, &format!("{DEVICE}/properties/volume/type"), json!(["integer", "null"])));
    assert_eq!(null, [format!("! {device}: `volume` may be null")]);
    let never_null = said(|new| set(new, &format!("{DEVICE}/properties/owner/type"), json!("string")));
    assert_eq!(never_null, [format!("{device}: `owner` may no longer be null")]);
    let missing = said(|new| set(new, &format!("{DEVICE}/required"), json!(["volume", "owner", "mode"])));
    assert_eq!(missing, [format!("! {device}: `below` may be missing")]);
    let wider = said(|new| set(new, &format!("{DEVICE}/properties/volume/maximum"), json!(11)));
    assert_eq!(wider, [format!("{device}: `volume` has the `maximum` 11, before 10")]);
    let number = said(|new| set(new, &format!("{DEVICE}/properties/volume/type"), json!("number")));
    assert_eq!(number, [format!("! {device}: `volume` is of type number, before integer")]);
}

#[test]
fn names_of_an_enum_weigh_by_who_writes_them() {
    let added = said(|new| set(new, "/components/schemas/Mode/enum", json!(["Off", "On", "Ring"])));
    assert_eq!(
        added,
        [
            "! the schema `Mode` in answers: the value `Ring` was added, which a client may not know",
            "the schema `Mode` in requests: the value `Ring` was added",
        ]
    );
    let removed = said(|new| set(new, "/components/schemas/Mode/enum", json!(["Off"])));
    assert_eq!(
        removed,
        [
            "! the schema `Mode` in requests: the value `On` was removed",
            "the schema `Mode` in answers: the value `On` was removed",
        ]
    );
}

#[test]
fn statuses_headers_and_media_types_are_compared() {
    let answers = "/paths/~1devices/post/responses";
    let added = said(|new| {
        set(new, &format!("{answers}/202"), json!({}));
        set(new, &format!("{answers}/409"), json!({}));
    });
    let expected = [
        "! `createDevice`: the answer 202 was added, which a client may not expect",
        "`createDevice`: the error 409 was added",
    ];
    assert_eq!(added, expected);
    let gone = said(|new| drop(remove(new, "/paths/~1devices~1{id}/get/responses/404")));
    assert_eq!(gone, ["`readDevice`: the error 404 was removed"]);
    let header = said(|new| drop(remove(new, &format!("{answers}/201/headers/ETag"))));
    assert_eq!(header, ["! `createDevice`: the answer 201: the header `ETag` was removed"]);
    let shared = said(|new| drop(remove(new, "/components/responses/NotFound/headers/Request-ID")));
    assert_eq!(shared, ["! the shared answer `NotFound`: the header `Request-ID` was removed"]);
    let media = said(|new| {
        let schema = remove(new, &format!("{answers}/201/content/application~1json"));
        new["paths"]["/devices"]["post"]["responses"]["201"]["content"]["application/xml"] = schema;
    });
    let expected = [
        "! `createDevice`: the answer 201: the media type `application/json` was removed",
        "`createDevice`: the answer 201: the media type `application/xml` was added",
    ];
    assert_eq!(media, expected);
}

#[test]
fn a_schema_with_another_name_is_compared_as_the_same() {
    let renamed = said(|new| {
        let text = new.to_string().replace("schemas/DeviceInput", "schemas/NewDevice");
        *new = serde_json::from_str(&text).expect("it is JSON still");
        let mut schema = remove(new, INPUT);
        schema["properties"]["owner"]["maxLength"] = json!(10);
        new["components"]["schemas"]["NewDevice"] = schema;
    });
    let expected = [
        "! the schema `NewDevice` in requests: `owner` has the `maxLength` 10, before 64",
        "the schema `DeviceInput` is called `NewDevice`; generated types are called otherwise",
    ];
    assert_eq!(renamed, expected);
}

#[test]
fn what_is_put_together_is_compared_as_a_whole() {
    let split = said(|new| {
        let mut schema = remove(new, DEVICE);
        let mode = schema["properties"]["mode"].take();
        schema["properties"].as_object_mut().expect("an object").remove("mode");
        let rest = json!({"type": "object", "properties": {"mode": mode}});
        new["components"]["schemas"]["Device"] = json!({"allOf": [schema, rest]});
    });
    assert_eq!(split, [""; 0]);
    let nullable = said(|new| {
        let mode = json!({"anyOf": [{"$ref": "#/components/schemas/Mode"}, {"type": "null"}]});
        set(new, &format!("{DEVICE}/properties/mode"), mode);
    });
    assert_eq!(nullable, ["! the schema `Device` in answers: `mode` may be null"]);
}

#[test]
fn a_document_that_leads_in_a_circle_is_compared_to_an_end() {
    let circle = |name: &str, to: &str| json!({"$ref": format!("#/components/schemas/{to}"), "title": name});
    let old = said(|new| {
        set(new, "/components/schemas/Mode", circle("Mode", "Other"));
        set(new, "/components/schemas/Other", circle("Other", "Mode"));
    });
    assert!(old.iter().any(|line| line.contains("`Mode`") || line.contains("`mode`")), "{old:?}");
    // One names every second level, the other the levels between.
    let deep = |schemas: Json| {
        let mut document =
            document(&json!({"/a": {"get": {"operationId": "a", "responses": {"200": {"content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}}));
        document["components"]["schemas"] = schemas;
        document
    };
    let inline = |to: &str| json!({"properties": {"x": {"properties": {"x": {"$ref": format!("#/components/schemas/{to}")}}}}});
    let odd = deep(json!({"A": inline("A")}));
    let even =
        deep(json!({"A": {"properties": {"x": {"$ref": "#/components/schemas/B"}}}, "B": inline("B")}));
    assert_eq!(lines(&odd, &even), [""; 0]);
    let parts = deep(
        json!({"A": {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}]}}),
    );
    assert_eq!(lines(&parts, &parts), [""; 0]);
}

#[test]
fn breaking_differences_come_first_and_each_once() {
    let all = said(|new| {
        drop(remove(new, &format!("{DEVICE}/properties/volume")));
        set(new, &format!("{DEVICE}/properties/again"), json!({}));
        set(new, "/paths/~1devices/put", json!({"operationId": "replaceDevices"}));
    });
    let expected = [
        "! the schema `Device` in answers: `volume` was removed",
        "`replaceDevices` (PUT /devices) was added",
        "the schema `Device` in answers: `again` was added",
    ];
    assert_eq!(all, expected);
}
