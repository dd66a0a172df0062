//! Types called like the parameters and types that generated code could use.

use rest_standard::prelude::*;

#[resource(collection = "rows")]
pub struct R {
    pub t: T,
    pub values: Vec<Value>,
    pub column: Option<Column>,
}

#[resource_enum]
pub enum T {
    O,
    I,
}

#[resource_value]
pub struct Value {
    pub row: String,
    pub value: Option<String>,
    pub id: String,
}

#[resource_value]
pub struct Column {
    pub field: String,
    pub name: String,
}

#[resource(singleton = "descriptor", parent = R)]
pub struct Descriptor {
    pub t: T,
}

#[custom_methods]
impl Descriptor {
    #[custom_method]
    async fn call(&mut self, this: Value, cx: &mut Context<Self>) -> Result<Column> {
        let _: R = cx.read(&cx.parent::<R>()).await?;
        Ok(Column { field: this.row, name: this.id })
    }

    #[custom_method(verb = "when")]
    async fn when(cx: &mut Context<Self>) -> Result<()> {
        let _ = cx;
        Ok(())
    }
}

pub fn main() {
    assert_eq!(R::DESCRIPTOR.name, "R");
    assert_eq!(Descriptor::DESCRIPTOR.custom_methods.len(), 2);
}
