//! Gives the shared library the name by which programs find it again.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // It is built as libkopilka_ffi and laid out as libkopilka; the number is that of the ABI.
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos" | "ios") => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libkopilka.1.dylib");
        }
        Ok("windows") => {}
        _ => println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libkopilka.so.1"),
    }
}
