//! The commands about a database: what separates it from the declaration, and its copy.

use std::path::Path;

use super::{Running, folder, refused, text};

fn told(folder: &Path, arguments: &[&str]) -> String {
    let output = refused(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    String::from_utf8(output.stdout).expect("what is printed is text")
}

#[test]
fn a_plan_prints_the_sql_and_leaves_no_file_behind() {
    let folder = folder();
    let plan = told(folder.path(), &["migrate", "plan", "--database", "sqlite:new.db"]);
    assert!(
        plan.starts_with("-- from sqlite:new.db to the declared resources of device-registry:\n"),
        "{plan}"
    );
    for part in ["CREATE TABLE \"_meta\"", "CREATE TABLE \"device_types__devices\"", "FOREIGN KEY"] {
        assert!(plan.contains(part), "{part}: {plan}");
    }
    assert!(std::fs::read_dir(folder.path()).expect("the folder is there").next().is_none());
}

#[test]
fn a_start_that_must_not_migrate_waits_for_apply() {
    let folder = folder();
    let serve = ["serve", "--no-migrate", "--listen", "127.0.0.1:0", "--database", "sqlite:registry.db"];
    let output = refused(folder.path(), &serve);
    assert_eq!(output.status.code(), Some(1));
    let refusal = text(&output);
    assert!(
        refusal.contains("run `device-registry migrate apply`") && refusal.contains("CREATE TABLE"),
        "{refusal}"
    );
    let database = ["--database", "sqlite:registry.db"];
    let applied = told(folder.path(), &[&["migrate", "apply"][..], &database].concat());
    assert!(applied.contains("CREATE TABLE") && applied.ends_with("-- done\n"), "{applied}");
    for action in ["plan", "apply"] {
        let again = told(folder.path(), &[&["migrate", action][..], &database].concat());
        assert_eq!(again, "-- sqlite:registry.db is up to date\n");
    }
    let service = Running::start(folder.path(), &["--no-migrate", "--database", "sqlite:registry.db"]);
    assert!(service.get("/api/v1/device-types/house-alarm", "").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_plan_says_why_a_start_would_be_refused() {
    let folder = folder();
    let plan = ["migrate", "plan", "--database", "sqlite:registry.db"];
    std::fs::write(folder.path().join("registry.db"), "no database, but text".repeat(100))
        .expect("it is written");
    let output = refused(folder.path(), &plan);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("registry.db"), "{}", text(&output));
    let output = refused(folder.path(), &["migrate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("plan") && text(&output).contains("apply"), "{}", text(&output));
}

#[test]
fn a_database_in_use_is_copied_and_the_copy_is_served() {
    let folder = folder();
    let service = Running::start(folder.path(), &["--database", "sqlite:registry.db"]);
    let made = service.send("POST", "/api/v1/device-types", "", r#"{"id": "siren", "displayName": "Siren"}"#);
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    let backup = ["backup", "--database", "sqlite:registry.db", "--to", "copy.db"];
    let told = told(folder.path(), &backup);
    assert!(told.starts_with("copy.db: ") && told.ends_with(" of registry.db\n"), "{told}");
    let later =
        service.send("POST", "/api/v1/device-types", "", r#"{"id": "later", "displayName": "Later"}"#);
    assert!(later.starts_with("HTTP/1.1 201"), "{later}");
    // A backup is never written over, and nothing is left of a failed one.
    let output = refused(folder.path(), &backup);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("is there already"), "{}", text(&output));
    assert!(!folder.path().join("copy.db.part").exists());

    let restored = Running::start(folder.path(), &["--database", "sqlite:copy.db"]);
    let status = |id: &str| restored.get(&format!("/api/v1/device-types/{id}"), "")[..12].to_owned();
    assert_eq!((status("siren"), status("later")), ("HTTP/1.1 200".to_owned(), "HTTP/1.1 404".to_owned()));
}

#[test]
fn all_resources_move_to_another_database_and_a_second_copy_finds_them() {
    let folder = folder();
    let service = Running::start(folder.path(), &["--database", "sqlite:registry.db"]);
    let made = service.send("POST", "/api/v1/device-types", "", r#"{"id": "siren", "displayName": "Siren"}"#);
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    let copy = ["copy", "--from", "sqlite:registry.db", "--to", "sqlite:moved.db"];
    // A file in use is not copied.
    let output = refused(folder.path(), &copy);
    assert!(text(&output).contains("registry.db"), "{}", text(&output));
    let _ = service.end();
    let told_first = told(folder.path(), &copy);
    assert!(told_first.starts_with("sites: ") || told_first.starts_with("device-types: "), "{told_first}");
    assert!(told_first.ends_with(" copied from sqlite:registry.db\n"), "{told_first}");
    let told_second = told(folder.path(), &copy);
    assert!(told_second.contains("0 copied, 4 there already\n"), "{told_second}");
    let end = "sqlite:moved.db: 0 resources, 0 changes and 0 request ids copied from sqlite:registry.db\n";
    assert!(told_second.ends_with(end), "{told_second}");
    let moved = Running::start(folder.path(), &["--database", "sqlite:moved.db"]);
    assert!(moved.get("/api/v1/device-types/siren", "").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_copy_between_the_wrong_databases_is_refused_with_the_way_out() {
    let folder = folder();
    for (from, to, reason) in [
        ("memory", "sqlite:to.db", "in memory"),
        ("sqlite:from.db", "memory", "in memory"),
        ("sqlite:same.db", "sqlite:same.db", "the same database"),
        ("sqlite:absent.db", "sqlite:to.db", "there is no file `absent.db`"),
    ] {
        let output = refused(folder.path(), &["copy", "--from", from, "--to", to]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains(reason), "{}", text(&output));
    }
    // A password in a wrong value is not repeated.
    let output =
        refused(folder.path(), &["copy", "--from", "mysql://ada:swordfish@h/db", "--to", "sqlite:to.db"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(!text(&output).contains("swordfish"), "{}", text(&output));
    assert_eq!(std::fs::read_dir(folder.path()).expect("it can be read").count(), 0);
}

#[test]
fn what_cannot_be_copied_is_refused_with_the_way_out() {
    let folder = folder();
    std::fs::write(folder.path().join("text.db"), "no database, but text".repeat(100))
        .expect("it is written");
    for (database, reason) in [
        ("memory", "in memory"),
        ("sqlite:absent.db", "absent.db"),
        ("sqlite:text.db", "is not an SQLite database"),
        ("postgres://ada:swordfish@127.0.0.1:1/registry", "pg_dump"),
    ] {
        let output = refused(folder.path(), &["backup", "--database", database, "--to", "copy.db"]);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(reason) && !text.contains("swordfish"), "{text}");
    }
    assert!(!folder.path().join("absent.db").exists() && !folder.path().join("copy.db").exists());
}
