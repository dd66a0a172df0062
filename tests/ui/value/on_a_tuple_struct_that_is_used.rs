use rest_standard::prelude::*;

#[resource_value]
pub struct Step(String);

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[custom_methods]
impl Device {
    #[custom_method]
    async fn walk(&mut self, _step: Step, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
