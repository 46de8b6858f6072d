//! SVG: real text, groups with labels, title and description.

use super::canvas::{Canvas, Lettering, paint};
use super::{PictureSpec, RenderOptions};
use crate::error::Error;
use crate::plot::colour::Colour;
use crate::plot::geometry::Point;
use crate::plot::scene::Scene;
use crate::plot::text::{self, Weight};

pub(super) const SPEC: PictureSpec = PictureSpec {
    id: "svg",
    aliases: &[],
    title: "SVG (vectors, editable text)",
    reference: "",
    paged: false,
    render,
};

fn render(pages: &[Scene], _: &RenderOptions) -> Result<Vec<u8>, Error> {
    let Some(scene) = pages.first() else { return Ok(vec![]) };
    let mut canvas = Svg { out: head(scene) };
    paint(scene, &mut canvas)?;
    canvas.out += "</svg>\n";
    Ok(canvas.out.into_bytes())
}

/// The opening of the file, up to the white page.
fn head(scene: &Scene) -> String {
    let (w, h) = (number(scene.width), number(scene.height));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}pt\" height=\"{h}pt\" viewBox=\"0 0 {w} {h}\" \
         role=\"img\" aria-labelledby=\"title desc\" font-family=\"'{}', 'Source Sans Pro', Arial, sans-serif\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n<rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>\n",
        text::FAMILY,
        escape(&scene.title),
        escape(&scene.description)
    )
}

struct Svg {
    out: String,
}

/// Text that cannot end an element or attribute; characters that XML forbids become blanks.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text::printable(text).chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\u{FFFE}' | '\u{FFFF}' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A length to a thousandth of a point, far below what any screen or press can show.
fn number(x: f64) -> String {
    let text = format!("{x:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

fn hex(Colour(r, g, b): Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

impl Canvas for Svg {
    fn open(&mut self, label: Option<&str>) {
        self.out += &match label {
            Some(label) => format!("<g role=\"group\" aria-label=\"{}\">\n", escape(label)),
            None => "<g>\n".into(),
        };
    }

    fn close(&mut self) {
        self.out += "</g>\n";
    }

    fn line(&mut self, from: Point, to: Point, width: f64, colour: Colour) -> Result<(), Error> {
        self.out += &format!(
            "<path d=\"M{} {}L{} {}\" stroke=\"{}\" stroke-width=\"{}\"/>\n",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1),
            hex(colour),
            number(width)
        );
        Ok(())
    }

    fn polygon(&mut self, corners: &[Point], colour: Colour) -> Result<(), Error> {
        let points: Vec<String> =
            corners.iter().map(|p| format!("{},{}", number(p.0), number(p.1))).collect();
        self.out += &format!("<polygon points=\"{}\" fill=\"{}\"/>\n", points.join(" "), hex(colour));
        Ok(())
    }

    fn text(&mut self, start: Point, text: &str, lettering: Lettering) -> Result<(), Error> {
        let Lettering { size, weight, colour } = lettering;
        let bold = if weight == Weight::Bold { " font-weight=\"600\"" } else { "" };
        // the measured length keeps the layout where the font is not there
        let length = number(text::width(text, size, weight));
        self.out += &format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{bold} fill=\"{}\" textLength=\"{length}\" \
             lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{}</text>\n",
            number(start.0),
            number(start.1),
            number(size),
            hex(colour),
            escape(text)
        );
        Ok(())
    }
}
