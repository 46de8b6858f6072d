//! What a build without its features does all the same, and what it says of the rest:
//! `cargo test --no-default-features --test features`.

use metapool::Error;
use metapool::dataset::Dataset;
use metapool::plot::{Picture, Plot, PlotOptions, RenderOptions};
use metapool::prelude::*;
use metapool::result::PoolResult;

fn pooled() -> PoolResult {
    let bcg = Request::new("@bcg").measure(Measure::RiskRatio).load(|options| options).expect("bundled");
    InverseVariance::default().pool(bcg.table).expect("13 studies")
}

fn drawn(picture: Picture) -> Result<Vec<u8>, Error> {
    let drawing = Plot::Forest.draw(&pooled(), &PlotOptions::default())?;
    (picture.spec().render)(&drawing.pages, &RenderOptions::default())
}

#[test]
fn bundled_data_are_pooled_and_drawn() {
    let random = pooled().random.expect("13 studies");
    assert_eq!(format!("{:.3}", random.estimate), "-0.715");
    let svg = String::from_utf8(drawn(Picture::Svg).expect("always there")).expect("text");
    assert!(svg.contains("Comstock"));
}

#[test]
fn a_table_comes_from_text() {
    let table =
        Dataset::from_csv("three.csv", "study,yi,vi\nA,0.1,0.02\nB,0.3,0.04\nC,0.2,0.03\n").expect("CSV");
    assert_eq!(table.rows(), 3);
}

#[test]
fn what_is_left_out_names_its_feature() {
    let bcg = Dataset::open("@bcg").expect("bundled");
    let asked = [
        ("png", cfg!(feature = "png"), drawn(Picture::Png).err()),
        ("pdf", cfg!(feature = "pdf"), drawn(Picture::Pdf).err()),
        ("columnar", cfg!(feature = "columnar"), bcg.filter("year > 1960").err()),
        ("files", cfg!(feature = "files"), Dataset::open("tests/data/mass.csv").err()),
    ];
    for (feature, built, refused) in asked {
        let named = refused.and_then(|e| e.hint().map(|h| h.contains(&format!("`{feature}`"))));
        assert_eq!(named, (!built).then_some(true), "{feature}");
    }
}
