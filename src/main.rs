//! The binary is a shell around [`metapool::cli::main`].

fn main() -> std::process::ExitCode {
    metapool::cli::main()
}
