use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub armed: bool,
}

#[custom_methods]
impl Device {
    #[custom_method(allowed = !self.armed)]
    async fn arm(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.armed = true;
        Ok(())
    }
}

fn main() {}
