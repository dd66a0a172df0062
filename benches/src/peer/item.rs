//! An item: its fields, what they may be, and how a merge patch changes them.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::fault::Fault;

/// Owned by the service; a client may send them, so that it can send back what it has read.
const SERVICE_FIELDS: [&str; 8] =
    ["id", "url", "createdAt", "createdBy", "updatedAt", "updatedBy", "etag", "links"];

const FIELDS: [&str; 6] = ["displayName", "owner", "volume", "serialNumber", "enabled", "weight"];

/// What a client says about an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemFields {
    pub(super) display_name: String,
    pub(super) owner: String,
    pub(super) volume: i64,
    pub(super) serial_number: String,
    pub(super) enabled: bool,
    pub(super) weight: i64,
}

/// An item as the table has it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) id: Uuid,
    pub(super) fields: ItemFields,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    /// Drawn anew at each change, so that no tag ever returns.
    pub(super) revision: u64,
    /// How many changes are recorded, which is the number of the last one.
    pub(super) changes: i64,
}

/// Some of the fields; null is refused, because none of them is optional.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemPatch {
    #[serde(default, deserialize_with = "present")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    owner: Option<String>,
    #[serde(default, deserialize_with = "present")]
    volume: Option<i64>,
    #[serde(default, deserialize_with = "present")]
    serial_number: Option<String>,
    #[serde(default, deserialize_with = "present")]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    weight: Option<i64>,
}

/// The time as it is stored and sent: of fixed width, so that text order is time order.
pub(super) fn now() -> String {
    format!("{:.6}", Timestamp::now())
}

/// The members of a body, all of which must be known.
pub(super) fn members(body: &Value) -> Result<&Map<String, Value>, Fault> {
    let members = body.as_object().ok_or_else(|| Fault::invalid("", "must be an object"))?;
    let is_known = |name: &str| FIELDS.contains(&name) || SERVICE_FIELDS.contains(&name);
    match members.keys().find(|name| !is_known(name)) {
        Some(name) => Err(Fault::unknown_field(name)),
        None => Ok(members),
    }
}

impl Item {
    pub(super) fn new(id: Uuid, fields: ItemFields) -> Result<Self, Fault> {
        let now = now();
        Ok(Self {
            id,
            fields,
            created_at: now.clone(),
            updated_at: now,
            revision: getrandom::u64()?,
            changes: 1,
        })
    }

    /// Notes that the fields have changed.
    pub(super) fn touch(&mut self, now: String) -> Result<(), Fault> {
        self.updated_at = now;
        self.revision = getrandom::u64()?;
        self.changes += 1;
        Ok(())
    }

    pub(super) fn etag(&self) -> String {
        format!("\"{:016x}\"", self.revision)
    }
}

impl ItemFields {
    /// What an item of the comparison begins as.
    pub(super) fn numbered(number: u64) -> Result<Self, std::num::TryFromIntError> {
        Ok(Self {
            display_name: format!("Item {number}"),
            owner: format!("owner-{}", number % 97),
            volume: 5,
            serial_number: format!("SN-{number:010}"),
            enabled: true,
            weight: i64::try_from(number % 1_000)?,
        })
    }

    /// Checks what the types do not say.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if !(1..=64).contains(&self.display_name.chars().count()) {
            return Err(Fault::invalid("/displayName", "must have 1 to 64 characters"));
        }
        if !(0..=10).contains(&self.volume) {
            let detail = format!("must be between 0 and 10, got {}", self.volume);
            return Err(Fault::invalid("/volume", detail));
        }
        Ok(())
    }

    /// The merge patch that makes `after` of these fields.
    pub(super) fn merge_patch_to(&self, after: &Self) -> Result<Value, Fault> {
        let (before, mut after) = (serde_json::to_value(self)?, serde_json::to_value(after)?);
        if let Value::Object(members) = &mut after {
            members.retain(|name, value| before[name.as_str()] != *value);
        }
        Ok(after)
    }
}

impl ItemPatch {
    /// Changes what the patch names.
    pub(super) fn apply(self, fields: &mut ItemFields) {
        set(&mut fields.display_name, self.display_name);
        set(&mut fields.owner, self.owner);
        set(&mut fields.volume, self.volume);
        set(&mut fields.serial_number, self.serial_number);
        set(&mut fields.enabled, self.enabled);
        set(&mut fields.weight, self.weight);
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// Makes null an error where `Option` alone would take it for an absent member.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> ItemFields {
        ItemFields {
            display_name: "Item 1".to_owned(),
            owner: "o".to_owned(),
            volume: 5,
            serial_number: "SN-1".to_owned(),
            enabled: true,
            weight: 1,
        }
    }

    #[test]
    fn a_recorded_patch_holds_only_what_changed() {
        let mut after = fields();
        ItemPatch::deserialize(&json!({"volume": 6, "weight": 1})).unwrap().apply(&mut after);
        assert_eq!(fields().merge_patch_to(&after).unwrap(), json!({"volume": 6}));
    }

    #[test]
    fn null_is_refused_in_a_patch() {
        assert!(ItemPatch::deserialize(&json!({"volume": null})).is_err());
    }

    #[test]
    fn values_are_checked() {
        assert!(ItemFields { volume: 11, ..fields() }.check().is_err());
        assert!(ItemFields { display_name: String::new(), ..fields() }.check().is_err());
        assert!(fields().check().is_ok());
    }
}
