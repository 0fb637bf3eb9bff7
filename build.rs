//! Packs `assets/` into the cdb that the executable carries.
fn main() {}
