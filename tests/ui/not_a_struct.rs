use netdsl::prelude::*;

network! {
    pub enum Net {
        A,
    }
}

fn main() {}
