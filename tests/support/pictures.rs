//! What every picture must hold, judged by its display list.

use metapool::plot::scene::{Item, Scene};

/// All texts with their boxes.
pub fn texts(scene: &Scene) -> Vec<(String, (f64, f64, f64, f64))> {
    scene
        .items()
        .filter_map(|i| match i {
            Item::Text { text, .. } => Some((text.clone(), i.text_box().unwrap())),
            _ => None,
        })
        .collect()
}

/// Points 1, 2 and 4 of the checklist: nothing cut, no two texts touching, no text too small.
#[track_caller]
pub fn check(name: &str, scene: &Scene, smallest: f64) {
    let boxes = texts(scene);
    for (text, (l, t, r, b)) in &boxes {
        assert!(*l >= 0.0 && *t >= 0.0 && *r <= scene.width && *b <= scene.height, "{name}: `{text}` is cut");
    }
    for (i, (text, a)) in boxes.iter().enumerate() {
        for (other, b) in &boxes[i + 1..] {
            let apart = a.2 <= b.0 + 0.2 || b.2 <= a.0 + 0.2 || a.3 <= b.1 + 1.5 || b.3 <= a.1 + 1.5;
            assert!(apart, "{name}: `{text}` {a:?} touches `{other}` {b:?}");
        }
    }
    for item in scene.items() {
        match item {
            Item::Text { size, .. } => assert!(*size >= smallest, "{name}: text of {size} pt"),
            Item::Line { from, to, .. } => {
                for p in [from, to] {
                    assert!(
                        p.0 >= 0.0 && p.0 <= scene.width && p.1 >= 0.0 && p.1 <= scene.height,
                        "{name}: a line is cut"
                    );
                }
            }
            Item::Polygon { points, .. } => {
                for p in points {
                    assert!(
                        p.0 >= 0.0 && p.0 <= scene.width && p.1 >= 0.0 && p.1 <= scene.height,
                        "{name}: a mark is cut"
                    );
                }
            }
        }
    }
}
