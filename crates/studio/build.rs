//! Builds the crate again where the front end was built again: what is embedded is known to no source file.

fn main() {
    println!("cargo::rerun-if-changed=web/dist");
}
