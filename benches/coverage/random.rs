//! SplitMix64: small, seedable, good enough for 10⁷ draws.

use metapool::math::dist::normal_quantile;

/// A stream of random numbers.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform().clamp(1e-15, 1.0 - 1e-15))
    }

    /// Events among n patients.
    pub fn binomial(&mut self, n: f64, p: f64) -> f64 {
        (0..n as usize).filter(|_| self.uniform() < p).count() as f64
    }
}
