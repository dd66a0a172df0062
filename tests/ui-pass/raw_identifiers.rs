//! Keywords as names lose their `r#` in JSON, columns and verbs.

use rest_standard::prelude::*;

#[resource(collection = "samples")]
pub struct r#Sample {
    pub r#type: String,
    #[field(filter, default = 3)]
    pub r#match: i64,
}

#[custom_methods]
impl Sample {
    #[custom_method(when = self.r#match > 0)]
    async fn r#move(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

pub fn main() {
    let declared = Sample::DESCRIPTOR;
    assert_eq!(declared.name, "Sample");
    assert_eq!(declared.fields[0].name, "type");
    assert_eq!(declared.fields[1].column, "match");
    assert_eq!(declared.custom_methods[0].verb, "move");
}
