use crate::{diag::closest, name::*};

#[test]
fn names_change_their_form() {
    for (text, kebab, snake, camel, pascal) in [
        ("My Articles", "my-articles", "my_articles", "myArticles", "MyArticles"),
        ("DeviceType", "device-type", "device_type", "deviceType", "DeviceType"),
        ("serial_number", "serial-number", "serial_number", "serialNumber", "SerialNumber"),
        ("address_2", "address-2", "address_2", "address2", "Address2"),
        ("", "", "", "", ""),
    ] {
        assert_eq!((to_kebab(text), to_snake(text)), (kebab.to_owned(), snake.to_owned()));
        assert_eq!((to_lower_camel(text), to_pascal(text)), (camel.to_owned(), pascal.to_owned()));
    }
}

#[test]
fn forms_are_told_apart() {
    assert!(is_kebab("device-types") && is_kebab("mp3-files"));
    for wrong in ["", "Devices", "device_types", "-a", "a-", "a--b", "3d-models", "geräte"] {
        assert!(!is_kebab(wrong), "{wrong}");
    }
    assert!(
        is_lower_camel("serialNumber") && !is_lower_camel("SerialNumber") && !is_lower_camel("serial_number")
    );
    assert!(is_pascal("TurnOn") && !is_pascal("turnOn") && !is_pascal("TURN_ON"));
    assert!(
        is_snake("serial_number") && !is_snake("serialNumber") && !is_snake("_private") && !is_snake("a__b")
    );
}

#[test]
fn plurals_and_singulars_are_told_apart() {
    for plural in [
        "devices",
        "device-types",
        "people",
        "analyses",
        "addresses",
        "series",
        "data",
        "menus",
        "statuses",
        "settings",
        "larvae",
        "formulae",
        "antennae",
        "deer",
        "moose",
        "spacecraft",
        "cattle",
        "offspring",
        "corpora",
        "schemata",
        "errata",
        "addenda",
        "dice",
        "bonsai",
    ] {
        assert!(is_plural(plural), "{plural}");
    }
    for singular in [
        "device",
        "state",
        "status",
        "address",
        "analysis",
        "progress",
        "state-machine",
        "bus",
        "sundae",
        "sonata",
        "die",
    ] {
        assert!(is_singular(singular), "{singular}");
    }
    for plural in ["devices", "people", "criteria", "statuses", "menus", "larvae", "schemata", "dice"] {
        assert!(!is_singular(plural), "{plural}");
    }
    for singular in
        ["device", "status", "address", "analysis", "child", "larva", "schema", "sundae", "sonata", "die"]
    {
        assert!(!is_plural(singular), "{singular}");
    }
}

#[test]
fn the_other_number_is_proposed() {
    for (singular, plural) in [
        ("device", "devices"),
        ("device-category", "device-categories"),
        ("status", "statuses"),
        ("address", "addresses"),
        ("analysis", "analyses"),
        ("person", "people"),
        ("larva", "larvae"),
        ("key", "keys"),
        ("box", "boxes"),
        ("branch", "branches"),
        ("house", "houses"),
        ("cache", "caches"),
        ("database", "databases"),
    ] {
        assert_eq!(to_plural(singular), plural);
        assert_eq!(to_singular(plural), singular);
    }
}

#[test]
fn abbreviations_are_written_out() {
    assert_eq!(abbreviation("devs"), Some(("devs", "devices".to_owned())));
    assert_eq!(abbreviation("user-addrs"), Some(("addrs", "user-addresses".to_owned())));
    assert_eq!(abbreviation("cfg"), Some(("cfg", "configuration".to_owned())));
    assert_eq!(abbreviation("repos"), Some(("repos", "repositories".to_owned())));
    assert_eq!(abbreviation("devices"), None);
}

#[test]
fn actions_become_requests() {
    assert_eq!(action("open-switch-ports"), Some(("open", "switch-port-open-requests".to_owned())));
    assert_eq!(action("create-devices"), Some(("create", "devices".to_owned())));
    assert_eq!(action("switch-port-open-requests"), None);
    assert_eq!(action("open-requests"), None);
    assert_eq!(action("device-types"), None);
    for thing in
        ["open-days", "open-houses", "update-channels", "close-ups", "add-ons", "open-source-licences"]
    {
        assert_eq!(action(thing), None, "{thing}");
    }
}

#[test]
fn near_misses_are_guessed() {
    let known = ["collection", "singleton", "id", "list"];
    assert_eq!(closest("colection", &known), Some("collection"));
    assert_eq!(closest("Singleton", &known), Some("singleton"));
    assert_eq!(closest("fetch", &known), None);
    assert_eq!(closest("xy", &known), None);
}
