//! Compiles the capabilities and the window's pages into the program.

fn main() {
    println!("cargo:rerun-if-changed=../ui/dist");
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new()) {
        println!("cargo:error={error:#}");
        std::process::exit(1);
    }
}
