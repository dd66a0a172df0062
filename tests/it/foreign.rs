//! Fields whose type says its own schema, such as one of another crate.

use rest_standard::{prelude::*, schemars::JsonSchema};
use rest_standard_tests::{Api, Stored, locators, merge};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Tree, json};

/// A shape on the map, as another crate could declare it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(crate = "rest_standard::schemars")]
pub(crate) struct Geometry {
    form: Form,
    coordinates: Vec<f64>,
    #[serde(default)]
    line_width: u8,
    #[serde(default)]
    inner: Vec<Geometry>,
    #[serde(default)]
    pen: Option<Pen>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(crate = "rest_standard::schemars")]
enum Form {
    Point,
    Line,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
#[schemars(crate = "rest_standard::schemars")]
enum Pen {
    Solid { colour: String },
    Dashed { gap: u8 },
}

/// A place.
#[resource(collection = "places", id = Slug, changes)]
#[derive(Debug)]
pub(crate) struct Place {
    /// Where it is.
    pub geometry: Json<Geometry>,
    /// How one gets there.
    pub way: Option<Json<Geometry>>,
    /// What is seen from there.
    pub views: Vec<Json<Geometry>>,
}

#[custom_methods]
impl Place {
    /// Looks at it.
    #[custom_method]
    async fn touch(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }

    /// Moves it to the east.
    #[custom_method]
    async fn shift(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        for coordinate in &mut self.geometry.0.coordinates {
            *coordinate += 1.0;
        }
        Ok(())
    }
}

async fn start(stored: Stored) -> Api {
    stored.start(Service::new("map").version("v1", |api| api.resource::<Place>())).await
}

fn point() -> Tree {
    json!({"form": "Point", "coordinates": [1.5, 2.0]})
}

/// What is stored of the point.
fn whole_point() -> Tree {
    json!({"form": "Point", "coordinates": [1.5, 2.0], "lineWidth": 0, "inner": [], "pen": null})
}

async fn make(api: &Api) -> Tree {
    let body = json!({"id": "hill", "geometry": point(), "views": [point()]});
    api.post("places", body).await.assert_status(201).values().clone()
}

#[tokio::test]
async fn a_value_comes_back_as_its_type_writes_it() {
    for stored in Stored::all() {
        let api = start(stored).await;
        let made = make(&api).await;
        assert_eq!(made["geometry"], whole_point());
        assert_eq!((&made["way"], &made["views"]), (&Tree::Null, &json!([whole_point()])));
        assert_eq!(api.values("places/hill").await, made);
    }
}

#[tokio::test]
async fn a_merge_patch_reaches_into_a_value() {
    for stored in Stored::all() {
        let api = start(stored).await;
        make(&api).await;
        let patch =
            json!({"geometry": {"lineWidth": 3, "pen": {"type": "Dashed", "gap": 2}}, "way": point()});
        let patched = api.patch("places/hill", patch).await.assert_status(200);
        let mut expected = whole_point();
        merge(&mut expected, json!({"lineWidth": 3, "pen": {"type": "Dashed", "gap": 2}}));
        assert_eq!((&patched.values()["geometry"], &patched.values()["way"]), (&expected, &whole_point()));
        let answer = api.patch("places/hill", json!({"geometry": {"coordinates": null}})).await;
        answer.assert_refused(422, "InvalidValue");
        assert_eq!(locators(&answer), ["pointer /geometry/coordinates"], "{answer}");
        let pointed = json!([{"op": "replace", "path": "/geometry/coordinates/0", "value": 9.0}]).to_string();
        let request = api.request(http::Method::PATCH, "places/hill");
        let patched = request.text("application/json-patch+json", pointed).await.assert_status(200);
        assert_eq!(patched.values()["geometry"]["coordinates"], json!([9.0, 2.0]));
    }
}

#[tokio::test]
async fn a_value_that_nobody_changed_stays_the_same() {
    for stored in Stored::all() {
        let api = start(stored).await;
        let made = make(&api).await;
        let touched = api.call("places/hill:touch").await.assert_status(200);
        assert_eq!(touched.values()["etag"], made["etag"]);
        let again =
            api.put("places/hill", json!({"geometry": point(), "views": [point()]})).await.assert_status(200);
        assert_eq!(again.values()["etag"], made["etag"]);
        assert_eq!(api.count("places/hill/changes").await, 1);
        let shifted = api.call("places/hill:shift").await.assert_status(200);
        assert_eq!(shifted.values()["geometry"]["coordinates"], json!([2.5, 3.0]));
    }
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_refused_at_its_place_in_words_of_its_schema() {
    for stored in Stored::all() {
        let api = start(stored).await;
        for (fields, pointer, detail) in [
            (
                json!({"coordinates": ["north"]}),
                "/geometry/coordinates/0",
                "must be a number, got `\"north\"`",
            ),
            (json!({"coordinates": 5}), "/geometry/coordinates", "must be an array, got `5`"),
            (json!({"form": "Circle"}), "/geometry/form", "must be one of `Point`, `Line`, got `\"Circle\"`"),
            (
                json!({"lineWidth": 300}),
                "/geometry/lineWidth",
                "must be an integer between 0 and 255, got `300`",
            ),
            (json!({"inner": [{"form": "Point"}]}), "/geometry/inner/0/coordinates", "is required"),
            (json!({"pen": {"type": "Wavy"}}), "/geometry/pen/type", "must fit the schema of this field"),
        ] {
            let mut geometry = point();
            merge(&mut geometry, fields);
            let answer = api.post("places", json!({"id": "hill", "geometry": geometry})).await;
            answer.assert_refused(422, "InvalidValue");
            assert_eq!(answer.errors()[0]["pointer"], pointer, "{answer}");
            assert_eq!(answer.errors()[0]["detail"], detail, "{answer}");
            assert!(
                ["Geometry", "expected", "line 1", "column"].iter().all(|word| !answer.text.contains(word)),
                "{answer}"
            );
        }
        for (body, pointer) in [
            (json!({}), "/geometry"),
            (json!({"geometry": null}), "/geometry"),
            (json!({"geometry": "here"}), "/geometry"),
            (
                json!({"geometry": point(), "views": [point(), {"form": "Point", "coordinates": [true]}]}),
                "/views/1/coordinates/0",
            ),
            (
                json!({"geometry": {"form": "Point", "coordinates": [], "pen": {"type": "Solid", "colour": "\u{1}"}}}),
                "/geometry/pen/colour",
            ),
        ] {
            let mut body = body;
            merge(&mut body, json!({"id": "hill"}));
            let answer = api.post("places", body).await;
            answer.assert_refused(422, "InvalidValue");
            assert_eq!(locators(&answer), [format!("pointer {pointer}")], "{answer}");
        }
    }
}

#[tokio::test]
async fn members_that_the_type_does_not_have_are_refused_all_at_once() {
    for stored in Stored::all() {
        let api = start(stored).await;
        let mut geometry = point();
        merge(
            &mut geometry,
            json!({"colour": "red", "inner": [{"form": "Point", "coordinates": [], "deep/er": 1}]}),
        );
        let answer = api.post("places", json!({"id": "hill", "geometry": geometry})).await;
        answer.assert_refused(400, "UnknownField");
        assert_eq!(
            locators(&answer),
            ["pointer /geometry/colour", "pointer /geometry/inner/0/deep~1er"],
            "{answer}"
        );
    }
}
