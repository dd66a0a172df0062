use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[custom_methods]
impl Device {
    #[custom_method(verb = "make")]
    async fn make(_cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
