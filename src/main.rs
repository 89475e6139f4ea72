//! The `thermaudit` program: everything lives in the library.

fn main() {}
