//! Progress of long work: on standard error, when that is a terminal.

use std::io::IsTerminal;

/// Shows the share that is done, with the time left once it can be guessed.
pub(super) fn progress(what: &'static str, quiet: bool) -> impl Fn(f64) + Sync {
    let shown = !quiet && std::io::stderr().is_terminal();
    let start = std::time::Instant::now();
    move |share| {
        let passed = start.elapsed().as_secs_f64();
        if shown && (passed > 0.3 || share >= 1.0) {
            let left = if share > 0.02 {
                format!(", {:.0} s left", passed * (1.0 / share - 1.0))
            } else {
                String::new()
            };
            let end = if share >= 1.0 { "\r\x1b[K" } else { "" };
            eprint!("\r{what} {:3.0}%{left}   {end}", 100.0 * share);
        }
    }
}
