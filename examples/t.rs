use metapool::model::likelihood::*;
fn main() {
    for file in ["bcg","nielweise2007","hart1999"] {
        let text = std::fs::read_to_string(format!("/work/shared/reference/data/{file}.csv")).unwrap();
        let mut lines = text.lines();
        let head: Vec<String> = lines.next().unwrap().split(',').map(|s| s.trim_matches('"').to_string()).collect();
        let cols = match file { "bcg" => ["tpos","n1","cpos","n2"], "hart1999" => ["x1i","t1i","x2i","t2i"], _ => ["ai","n1i","ci","n2i"] };
        let ix: Vec<usize> = cols.iter().map(|c| head.iter().position(|h| h == c).unwrap()).collect();
        let rows: Vec<[f64;4]> = lines.map(|l| { let p: Vec<&str> = l.split(',').collect(); let g = |i: usize| p[ix[i]].trim_matches('"').parse::<f64>().unwrap(); [g(0),g(1),g(2),g(3)] }).collect();
        let fam = if file == "hart1999" { Family::Poisson } else { Family::Binomial };
        let pairs: Vec<Pair> = rows.iter().map(|r| Pair::new(fam, Counts{x:r[0],size:r[1]}, Counts{x:r[2],size:r[3]})).collect();
        let inf: Vec<Pair> = pairs.iter().copied().filter(|p| p.is_informative()).collect();
        let show = |name: &str, m: &dyn Fn() -> (Fit,(Option<f64>,Option<f64>),(Option<f64>,Option<f64>))| {
            let t = std::time::Instant::now();
            let (f,l,s) = m();
            println!("{file} {name}: {:.8} se {:.8} tau2 {:.8} ll {:.8} it {} {:?} {:?} {:?}  {:?}", f.location, f.se.unwrap_or(f64::NAN), f.spread*f.spread, f.log, f.iterations, f.stop, l, s, t.elapsed());
        };
        fn all(m: &impl Likelihood) -> (Fit,(Option<f64>,Option<f64>),(Option<f64>,Option<f64>)) { let f = fit(m,false); (f, location_limits(m,&f,95.0), spread_limits(m,&f,95.0)) }
        show("UM.FS", &|| all(&FixedIntercepts::new(inf.clone())));
        show("UM.RS", &|| { let m = RandomIntercepts::new(inf.clone()); let r = all(&m); println!("{:?}", m.intercepts(r.0.location, r.0.spread)); r});
        show("UM.RS all", &|| all(&RandomIntercepts::new(pairs.clone())));
        show("CM.AL", &|| all(&conditional_binomial(&inf)));
        show("BB", &|| all(&BetaBinomialPair::new(pairs.clone())));
        if fam == Family::Binomial {
            show("CM.EL", &|| all(&Mixture::of(rows.iter().filter_map(|r| Hypergeometric::new(Table{a:r[0],n1:r[1],c:r[2],n2:r[3]})).collect())));
        }
        println!("dev {}", FixedIntercepts::new(inf.clone()).deviance());
    }
}
