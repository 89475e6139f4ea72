//! The `thermaudit` program: everything lives in the library.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(thermaudit::cli::main())
}
