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

use super::basis::{dot, multiply, solve_symmetric};
use super::kernel::Problem;
pub use crate::choice::Robust;
use crate::error::Error;
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
        problem: &Problem<'_>,
        tau2: f64,
        gamma: &[f64],
        cluster: &[String],
        kind: Robust,
    ) -> Result<Self, Error> {
        let p = problem.p();
        let k = problem.k();
        let z: Vec<Vec<f64>> = (0..k).map(|i| problem.basis.z[i * p..(i + 1) * p].to_vec()).collect();
        let phi: Vec<f64> = problem.v.iter().map(|v| v + tau2).collect();
        let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        cluster.iter().enumerate().for_each(|(i, name)| members.entry(name).or_default().push(i));
        if members.len() < 2 {
            return Err(Error::model("all studies are in one cluster")
                .with_hint("robust variances need at least two clusters, better twenty"));
        }
        let clusters: Vec<Vec<usize>> = members.into_values().collect();
        let bread = problem.coefficients(tau2).covariance;
        let residual: Vec<f64> = (0..k).map(|i| problem.y[i] - dot(&z[i], gamma)).collect();
        let mut meat = vec![0.0; p * p];
        let mut sides = vec![];
        for rows in &clusters {
            let adjust = if kind == Robust::Cr2 { adjustment(rows, &z, &phi, &bread) } else { None };
            // A W X
            let side: Vec<Vec<f64>> = (0..rows.len())
                .map(|a| {
                    let mut out = vec![0.0; p];
                    for (b, &j) in rows.iter().enumerate() {
                        let share =
                            adjust.as_ref().map_or(f64::from(u8::from(a == b)), |m| m[a * rows.len() + b]);
                        out.iter_mut().zip(&z[j]).for_each(|(o, x)| *o += share * x / phi[j]);
                    }
                    out
                })
                .collect();
            let mut score = vec![0.0; p];
            for (a, &i) in rows.iter().enumerate() {
                score.iter_mut().zip(&side[a]).for_each(|(s, x)| *s += x * residual[i]);
            }
            for s in 0..p {
                for t in 0..p {
                    meat[s * p + t] += score[s] * score[t];
                }
            }
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
        let p = c.len();
        let mc: Vec<f64> = (0..p).map(|i| dot(&self.bread[i * p..(i + 1) * p], c)).collect();
        self.clusters
            .iter()
            .zip(&self.sides)
            .map(|(rows, side)| {
                let a: Vec<f64> = side.iter().map(|s| dot(s, &mc)).collect();
                let mut u = vec![0.0; p];
                for (&i, a) in rows.iter().zip(&a) {
                    u.iter_mut().zip(&self.z[i]).for_each(|(u, z)| *u += z * a);
                }
                let mu = (0..p).map(|i| dot(&self.bread[i * p..(i + 1) * p], &u)).collect();
                Load { a, u, mu }
            })
            .collect()
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
        let mut spread = vec![0.0; p * p];
        let (mut trace, mut square) = (0.0, 0.0);
        for (g, load) in loads.iter().enumerate() {
            let back = dot(&load.u, &load.mu);
            let own = self.own(g, load, load) - back;
            trace += own;
            square += own * own - back * back;
            for s in 0..p {
                for t in 0..p {
                    spread[s * p + t] += load.u[s] * load.u[t];
                }
            }
        }
        let half = multiply(&spread, &self.bread, p);
        let whole = multiply(&half, &half, p);
        square += (0..p).map(|i| whole[i * p + i]).sum::<f64>();
        trace * trace / square
    }

    /// F with its degrees of freedom for several combinations of the coefficients together.
    pub fn omnibus(&self, combinations: &[Vec<f64>], gamma: &[f64]) -> Option<(f64, f64)> {
        let q = combinations.len();
        let p = gamma.len();
        let form = |m: &[f64]| {
            let mut out = vec![0.0; q * q];
            for (s, a) in combinations.iter().enumerate() {
                for (t, b) in combinations.iter().enumerate() {
                    out[s * q + t] = (0..p).map(|i| a[i] * dot(&m[i * p..(i + 1) * p], b)).sum();
                }
            }
            out
        };
        let estimate: Vec<f64> = combinations.iter().map(|c| dot(c, gamma)).collect();
        let wald = dot(&estimate, &solve_symmetric(&form(&self.variance), &estimate, q)?);
        if q == 1 {
            return Some((wald, self.df(&combinations[0])));
        }
        if let Some(df) = self.plain_df {
            return Some((wald / q as f64, df));
        }
        // combinations whose variance under the working model is the identity
        let root = inverse_root(&form(&self.bread), q)?;
        let standard: Vec<Vec<f64>> = (0..q)
            .map(|s| (0..p).map(|i| (0..q).map(|t| root[s * q + t] * combinations[t][i]).sum()).collect())
            .collect();
        let loads: Vec<Vec<Load>> = standard.iter().map(|c| self.loads(c)).collect();
        let m = self.clusters.len();
        let mut total = 0.0;
        for s in 0..q {
            for t in 0..q {
                for g in 0..m {
                    for h in 0..m {
                        let at = |a: usize, b: usize| {
                            let own = if g == h { self.own(g, &loads[a][g], &loads[b][g]) } else { 0.0 };
                            own - dot(&loads[a][g].u, &loads[b][h].mu)
                        };
                        total += at(s, s) * at(t, t) + at(s, t) * at(t, s);
                    }
                }
            }
        }
        let eta = (q * (q + 1)) as f64 / total;
        let df = eta - q as f64 + 1.0;
        (df > 0.0).then(|| (df / (eta * q as f64) * wald, df))
    }
}

/// D (D (Φ − X M Xᵀ) D)^(−½) D of a cluster.
fn adjustment(rows: &[usize], z: &[Vec<f64>], phi: &[f64], bread: &[f64]) -> Option<Vec<f64>> {
    let n = rows.len();
    let p = z[0].len();
    let mut b = vec![0.0; n * n];
    for (s, &i) in rows.iter().enumerate() {
        let mz: Vec<f64> = (0..p).map(|l| dot(&bread[l * p..(l + 1) * p], &z[i])).collect();
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

/// A^(−½) of a symmetric matrix without negative eigenvalues, by Jacobi's rotations; directions without size are
/// left out.
fn inverse_root(a: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut a = a.to_vec();
    let mut v = vec![0.0; n * n];
    (0..n).for_each(|i| v[i * n + i] = 1.0);
    for _ in 0..100 {
        let off: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * n + j].powi(2)).sum();
        let size: f64 = (0..n).map(|i| a[i * n + i].powi(2)).sum();
        if off <= 1e-30 * size {
            break;
        }
        for i in 0..n {
            for j in 0..i {
                let x = a[i * n + j];
                if x == 0.0 {
                    continue;
                }
                let theta = (a[j * n + j] - a[i * n + i]) / (2.0 * x);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let t = if theta == 0.0 { 1.0 } else { t };
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for l in 0..n {
                    let (x, y) = (a[l * n + i], a[l * n + j]);
                    a[l * n + i] = c * x - s * y;
                    a[l * n + j] = s * x + c * y;
                }
                for l in 0..n {
                    let (x, y) = (a[i * n + l], a[j * n + l]);
                    a[i * n + l] = c * x - s * y;
                    a[j * n + l] = s * x + c * y;
                }
                for l in 0..n {
                    let (x, y) = (v[l * n + i], v[l * n + j]);
                    v[l * n + i] = c * x - s * y;
                    v[l * n + j] = s * x + c * y;
                }
            }
        }
    }
    let largest = (0..n).map(|i| a[i * n + i]).fold(0.0, f64::max);
    if largest.is_nan() || largest <= 0.0 {
        return None;
    }
    let mut out = vec![0.0; n * n];
    for e in 0..n {
        let value = a[e * n + e];
        if value <= 1e-12 * largest {
            continue;
        }
        let scale = 1.0 / value.sqrt();
        for i in 0..n {
            for j in 0..n {
                out[i * n + j] += scale * v[i * n + e] * v[j * n + e];
            }
        }
    }
    Some(out)
}
