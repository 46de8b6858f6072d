//! The same code, compiled for the widest vectors of the machine it runs on.
//!
//! Only the width changes: no operations are fused or reordered, so every machine gives the same numbers.

use std::cell::Cell;

/// Runs `work` with the vectors this machine has. What it calls must be inlined to gain from it.
#[inline]
pub fn widest<R>(work: impl FnOnce() -> R) -> R {
    thread_local! { static ARCH: Cell<Option<pulp::Arch>> = const { Cell::new(None) }; }
    let arch = ARCH.get().unwrap_or_else(|| {
        let found = pulp::Arch::new();
        ARCH.set(Some(found));
        found
    });
    arch.dispatch(work)
}
