use netdsl::prelude::*;

network! {
    this is not a network
}

fn main() {}
