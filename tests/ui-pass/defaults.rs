//! Defaults of every kind of field.

use std::collections::BTreeMap;

use rest_standard::prelude::*;

const LIMIT: i64 = 3;

fn names() -> Vec<String> {
    vec!["a".to_owned()]
}

#[resource(singleton = "settings")]
pub struct Settings {
    #[field(default = "text")]
    pub text: String,
    #[field(default = Some("text".to_owned()))]
    pub maybe: Option<String>,
    #[field(default = "text", example = "words")]
    pub perhaps: Option<String>,
    #[field(default = -3, example = 4)]
    pub perhaps_negative: Option<i8>,
    #[field(example = false)]
    pub perhaps_not: Option<bool>,
    #[field(example = 1.5, range = 0.0..=2.0)]
    pub perhaps_half: Option<f64>,
    #[field(default = LIMIT + 1)]
    pub number: i64,
    #[field(default = -1)]
    pub negative: i8,
    #[field(default = 4_000_000_000)]
    pub large: u32,
    #[field(default = !true)]
    pub boolean: bool,
    #[field(default = 0.5)]
    pub share: f64,
    #[field(default = Mode::On)]
    pub mode: Mode,
    #[field(default = names())]
    pub list: Vec<String>,
    #[field(default = BTreeMap::<String, i64>::from([("a".to_owned(), 1)]), length = ..=8)]
    pub map: BTreeMap<String, i64>,
    #[field(default = Step { to: Mode::On, count: 1 })]
    pub step: Step,
    #[field(default = Uuid::nil())]
    pub uuid: Uuid,
    #[field(default = "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4")]
    pub uuid_in_text: Uuid,
    #[field(default = "2026-11-21")]
    pub day: Date,
    #[field(example = "2026-11-21T10:00:00Z")]
    pub moment: Option<Timestamp>,
    #[field(default = ["a", "b"], length = 2)]
    pub texts: Vec<String>,
    #[field(default = [-1, 2])]
    pub numbers: Vec<i8>,
    #[field(default = [0.5])]
    pub shares: Vec<f64>,
    #[field(default = [true, false])]
    pub answers: Option<Vec<bool>>,
    #[field(default = [Mode::On, Mode::Off])]
    pub modes: Vec<Mode>,
    #[field(default = ["2026-11-21"])]
    pub days: Vec<Date>,
    #[field(default = [["a", "b"].map(str::to_owned).to_vec(), vec![]])]
    pub lists: Vec<Vec<String>>,
    #[field(default = [])]
    pub nothing: Vec<Step>,
    #[field(default = if LIMIT > 2 { 1 } else { 2 })]
    pub chosen: i64,
    pub absent: Option<Step>,
    pub initial: Mode,
    pub none: Vec<Step>,
}

#[resource_enum]
pub enum Mode {
    Off,
    On,
}

#[resource_value]
pub struct Step {
    pub to: Mode,
    #[field(default = 2)]
    pub count: i64,
}

pub fn main() {
    let values =
        Settings::DESCRIPTOR.fields.iter().map(|field| field.default_value().expect("each has a default"));
    let settings =
        Settings::decode(rest_standard::__private::Row(values.collect())).expect("the defaults fit");
    assert_eq!((settings.text.as_str(), settings.number, settings.large), ("text", 4, 4_000_000_000));
    assert_eq!((settings.mode, settings.initial, settings.step.count), (Mode::On, Mode::Off, 1));
    assert_eq!((settings.list, settings.chosen), (vec!["a".to_owned()], 1));
    assert_eq!((settings.perhaps.as_deref(), settings.perhaps_negative), (Some("text"), Some(-3)));
    assert_eq!((settings.uuid_in_text.get_version_num(), settings.day), (4, Date::constant(2026, 11, 21)));
    assert_eq!((settings.texts.len(), settings.numbers, settings.shares), (2, vec![-1, 2], vec![0.5]));
    assert_eq!((settings.answers, settings.modes), (Some(vec![true, false]), vec![Mode::On, Mode::Off]));
    assert_eq!((settings.days, settings.lists.len()), (vec![settings.day], 2));
    assert!(settings.moment.is_none() && settings.nothing.is_empty());
    assert!(settings.absent.is_none() && settings.none.is_empty());
}
