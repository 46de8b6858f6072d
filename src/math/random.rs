//! Random numbers that a seed fixes on every machine and for any number of workers.

use super::dist::normal_quantile;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// The generator of one portion of work.
pub type Generator = Pcg64Mcg;

/// The generator of a portion: each has its own numbers, so that the number of workers changes nothing.
pub fn generator(seed: u64, portion: usize) -> Generator {
    Pcg64Mcg::seed_from_u64(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(portion as u64))
}

/// 64 random bits.
pub fn bits(random: &mut Generator) -> u64 {
    random.next_u64()
}

/// A number below n, by the high half of a product.
pub fn below(random: &mut Generator, n: u64) -> u64 {
    ((u128::from(random.next_u64()) * u128::from(n)) >> 64) as u64
}

/// All orders are equally likely.
pub fn shuffle(order: &mut [u32], random: &mut Generator) {
    for i in (1..order.len()).rev() {
        order.swap(i, below(random, i as u64 + 1) as usize);
    }
}

/// A standard normal number, by its quantile.
pub fn normal(random: &mut Generator) -> f64 {
    // strictly between 0 and 1
    normal_quantile(((random.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64)
}
