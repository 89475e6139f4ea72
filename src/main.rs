//! The `thermaudit` program: everything lives in the library.

/// Large grids come and go tile by tile, from threads that come and go as well: the C library's
/// allocator gives their pages back and fetches them again, or keeps a heap for each thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(thermaudit::cli::main())
}
