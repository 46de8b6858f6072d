//! Variances that hold when studies of a cluster depend on each other, with degrees of freedom for few clusters.
//!
//! ```text
//! V = M (Σ_g X_gᵀ W_g A_g e_g e_gᵀ A_gᵀ W_g X_g) M,   M = (XᵀWX)⁻¹,  Φ = W⁻¹
//! CR0  A = I          CR1  A = I, V · m/(m − 1)
//! CR2  A_g = D (D (Φ_g − X_g M X_gᵀ) D)^(−½) D,  D = Φ_g^½
//! CR0, CR1  ν = m − p, F = Wald/q
//! CR2  Satterthwaite  ν = (Σ_g P_gg)² / Σ_gh P_gh²,  P_gh = p_gᵀ Φ p_h,  p_g = (I − H)_gᵀ A_g W_g X_g M c
//! several c  F = (η − q + 1)/(η q) · Wald,  η = q (q + 1) / Σ Var d_st  (approximate Hotelling)
//! ```
//! Reference: \[pustejovsky2018\].

pub use crate::choice::Robust;
use crate::error::Error;
use crate::math::linalg::{add_square, dot, inverse_root, multiply, solve, times};
use crate::model::sums::{LinearModel, NormalModel};
use std::collections::BTreeMap;

/// What robust inference needs beyond the coefficients, in the coordinates of the basis.
pub(super) struct Sandwich {
    /// Variance of γ̂.
    pub variance: Vec<f64>,
    /// M.
    bread: Vec<f64>,
    /// Rows of each cluster.
    clusters: Vec<Vec<usize>>,
    /// A_g W_g X_g of each cluster, row by row of the cluster.
    sides: Vec<Vec<Vec<f64>>>,
    z: Vec<Vec<f64>>,
    phi: Vec<f64>,
    /// Clusters less coefficients, where these are the degrees of freedom.
    plain_df: Option<f64>,
}

/// What a cluster contributes to a combination.
struct Load {
    a: Vec<f64>,
    u: Vec<f64>,
    /// M u.
    mu: Vec<f64>,
}

impl Sandwich {
    /// Clusters by row.
    ///
    /// # Errors
    /// There is one cluster only.
    pub fn new(
        linear: &LinearModel<'_>,
        tau2: f64,
        gamma: &[f64],
        cluster: &[String],
        kind: Robust,
    ) -> Result<Self, Error> {
        let (p, k) = (linear.p(), linear.k());
        let clusters = members(cluster);
        if clusters.len() < 2 {
            return Err(Error::model("all studies are in one cluster")
                .with_hint("robust variances need at least two clusters, better twenty"));
        }
        let z: Vec<Vec<f64>> = (0..k).map(|i| linear.row(i).to_vec()).collect();
        let phi: Vec<f64> = linear.v.iter().map(|v| v + tau2).collect();
        let bread = linear.coefficients(tau2).covariance;
        let residual: Vec<f64> = (0..k).map(|i| linear.y[i] - dot(&z[i], gamma)).collect();
        let mut meat = vec![0.0; p * p];
        let mut sides = vec![];
        for rows in &clusters {
            let adjust = if kind == Robust::Cr2 { adjustment(rows, &z, &phi, &bread) } else { None };
            let side = side(rows, &z, &phi, adjust.as_deref());
            let mut score = vec![0.0; p];
            for (own, &i) in side.iter().zip(rows) {
                score.iter_mut().zip(own).for_each(|(s, x)| *s += x * residual[i]);
            }
            add_square(&mut meat, 1.0, &score);
            sides.push(side);
        }
        let m = clusters.len() as f64;
        let factor = if kind == Robust::Cr1 { m / (m - 1.0) } else { 1.0 };
        let half = multiply(&bread, &meat, p);
        let variance = multiply(&half, &bread, p).into_iter().map(|x| x * factor).collect();
        let plain_df = (kind != Robust::Cr2).then_some(m - p as f64);
        Ok(Self { variance, bread, clusters, sides, z, phi, plain_df })
    }

    /// Number of clusters.
    pub fn clusters(&self) -> usize {
        self.clusters.len()
    }

    /// a_g = A_g W_g X_g M c and u_g = X_gᵀ a_g of a combination c, for every cluster:
    /// P_gh = δ_gh a_gᵀ Φ_g a_g − u_gᵀ M u_h, so that nothing need be as large as the data for each cluster.
    fn loads(&self, c: &[f64]) -> Vec<Load> {
        let mc = times(&self.bread, c);
        let load = |(rows, side): (&Vec<usize>, &Vec<Vec<f64>>)| {
            let a: Vec<f64> = side.iter().map(|s| dot(s, &mc)).collect();
            let mut u = vec![0.0; c.len()];
            for (&i, a) in rows.iter().zip(&a) {
                u.iter_mut().zip(&self.z[i]).for_each(|(u, z)| *u += z * a);
            }
            let mu = times(&self.bread, &u);
            Load { a, u, mu }
        };
        self.clusters.iter().zip(&self.sides).map(load).collect()
    }

    /// a_gᵀ Φ_g b_g of two combinations in a cluster.
    fn own(&self, g: usize, a: &Load, b: &Load) -> f64 {
        self.clusters[g].iter().zip(a.a.iter().zip(&b.a)).map(|(&i, (a, b))| a * b * self.phi[i]).sum()
    }

    /// Degrees of freedom of a combination: Satterthwaite's under CR2, clusters less coefficients under CR0 and CR1.
    pub fn df(&self, c: &[f64]) -> f64 {
        if let Some(df) = self.plain_df {
            return df;
        }
        let p = c.len();
        let loads = self.loads(c);
        // Σ_gh (u_gᵀ M u_h)² = tr (S M S M), S = Σ u_g u_gᵀ
        let mut s = vec![0.0; p * p];
        let (mut trace, mut square) = (0.0, 0.0);
        for (g, load) in loads.iter().enumerate() {
            let back = dot(&load.u, &load.mu);
            let own = self.own(g, load, load) - back;
            trace += own;
            square += own * own - back * back;
            add_square(&mut s, 1.0, &load.u);
        }
        let half = multiply(&s, &self.bread, p);
        let whole = multiply(&half, &half, p);
        square += (0..p).map(|i| whole[i * p + i]).sum::<f64>();
        trace * trace / square
    }

    /// F with its degrees of freedom for several combinations of the coefficients together.
    pub fn omnibus(&self, combinations: &[&[f64]], gamma: &[f64]) -> Option<(f64, f64)> {
        let q = combinations.len();
        let form = |m: &[f64]| -> Vec<f64> {
            let row = |a: &&[f64]| combinations.iter().map(|b| dot(a, &times(m, b))).collect::<Vec<f64>>();
            combinations.iter().flat_map(row).collect()
        };
        let estimate: Vec<f64> = combinations.iter().map(|c| dot(c, gamma)).collect();
        let wald = dot(&estimate, &solve(&form(&self.variance), &estimate)?);
        if q == 1 {
            return Some((wald, self.df(combinations[0])));
        }
        if let Some(df) = self.plain_df {
            return Some((wald / q as f64, df));
        }
        // combinations whose variance under the working model is the identity
        let root = inverse_root(&form(&self.bread), q)?;
        let standard = |s: usize| -> Vec<f64> {
            (0..gamma.len()).map(|i| (0..q).map(|t| root[s * q + t] * combinations[t][i]).sum()).collect()
        };
        let loads: Vec<Vec<Load>> = (0..q).map(|s| self.loads(&standard(s))).collect();
        let eta = (q * (q + 1)) as f64 / self.variance_of_products(&loads);
        let df = eta - q as f64 + 1.0;
        (df > 0.0).then(|| (df / (eta * q as f64) * wald, df))
    }

    /// Σ Var d_st over pairs of standard combinations.
    fn variance_of_products(&self, loads: &[Vec<Load>]) -> f64 {
        let (q, m) = (loads.len(), self.clusters.len());
        let mut total = 0.0;
        for (s, t) in (0..q).flat_map(|s| (0..q).map(move |t| (s, t))) {
            for (g, h) in (0..m).flat_map(|g| (0..m).map(move |h| (g, h))) {
                let at = |a: usize, b: usize| {
                    let own = if g == h { self.own(g, &loads[a][g], &loads[b][g]) } else { 0.0 };
                    own - dot(&loads[a][g].u, &loads[b][h].mu)
                };
                total += at(s, s) * at(t, t) + at(s, t) * at(t, s);
            }
        }
        total
    }
}

/// Rows of every cluster, clusters in the order of their names.
fn members(cluster: &[String]) -> Vec<Vec<usize>> {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    cluster.iter().enumerate().for_each(|(i, name)| members.entry(name).or_default().push(i));
    members.into_values().collect()
}

/// A W X of a cluster, row by row; without an adjustment A is the identity.
fn side(rows: &[usize], z: &[Vec<f64>], phi: &[f64], adjust: Option<&[f64]>) -> Vec<Vec<f64>> {
    let n = rows.len();
    let row = |a: usize| {
        let mut out = vec![0.0; z[0].len()];
        for (b, &j) in rows.iter().enumerate() {
            let share = adjust.map_or(f64::from(u8::from(a == b)), |m| m[a * n + b]);
            out.iter_mut().zip(&z[j]).for_each(|(o, x)| *o += share * x / phi[j]);
        }
        out
    };
    (0..n).map(row).collect()
}

/// D (D (Φ − X M Xᵀ) D)^(−½) D of a cluster.
fn adjustment(rows: &[usize], z: &[Vec<f64>], phi: &[f64], bread: &[f64]) -> Option<Vec<f64>> {
    let n = rows.len();
    let mut b = vec![0.0; n * n];
    for (s, &i) in rows.iter().enumerate() {
        let mz = times(bread, &z[i]);
        for (t, &j) in rows.iter().enumerate() {
            let own = if s == t { phi[i] } else { 0.0 };
            b[s * n + t] = (phi[i] * phi[j]).sqrt() * (own - dot(&mz, &z[j]));
        }
    }
    let root = inverse_root(&b, n)?;
    let mut out = root;
    for (s, &i) in rows.iter().enumerate() {
        for (t, &j) in rows.iter().enumerate() {
            out[s * n + t] *= (phi[i] * phi[j]).sqrt();
        }
    }
    Some(out)
}
