//! SVG: real text, groups with labels, title and description.

use super::{Canvas, GRID, Lettering, PictureSpec, RenderOptions, paint, unused_backend_methods};
use crate::error::Error;
use crate::plot::scene::Scene;
use crate::plot::text::{self, Weight};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::convert::Infallible;
use std::fmt::Write;

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
    let mut canvas = Svg { out: String::new(), size: (scene.width, scene.height) };
    let (w, h) = (number(scene.width), number(scene.height));
    let _ = write!(
        canvas.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}pt\" height=\"{h}pt\" viewBox=\"0 0 {w} {h}\" \
         role=\"img\" aria-labelledby=\"title desc\" font-family=\"'{}', 'Source Sans Pro', Arial, sans-serif\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n<rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>\n",
        text::FAMILY,
        escape(&scene.title),
        escape(&scene.description)
    );
    paint(scene, &mut canvas)?;
    canvas.out += "</svg>\n";
    Ok(canvas.out.into_bytes())
}

struct Svg {
    out: String,
    size: (f64, f64),
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

/// A coordinate with at most two decimals.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

fn unit(x: i32) -> String {
    number(f64::from(x) / GRID)
}

fn hex(c: BackendColor) -> String {
    format!("#{:02x}{:02x}{:02x}", c.rgb.0, c.rgb.1, c.rgb.2)
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
}

impl DrawingBackend for Svg {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        ((self.size.0 * GRID) as u32, (self.size.1 * GRID) as u32)
    }

    unused_backend_methods!();

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let width = unit(style.stroke_width() as i32);
        let _ = writeln!(
            self.out,
            "<path d=\"M{} {}L{} {}\" stroke=\"{}\" stroke-width=\"{width}\"/>",
            unit(from.0),
            unit(from.1),
            unit(to.0),
            unit(to.1),
            hex(style.color())
        );
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let points: Vec<String> =
            points.into_iter().map(|p| format!("{},{}", unit(p.0), unit(p.1))).collect();
        let _ =
            writeln!(self.out, "<polygon points=\"{}\" fill=\"{}\"/>", points.join(" "), hex(style.color()));
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        at: BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let size = style.size() / GRID;
        let weight = Lettering::weight_of(style.style());
        let bold = if weight == Weight::Bold { " font-weight=\"600\"" } else { "" };
        // the measured length keeps the layout where the font is not there
        let length = number(text::width(text, size, weight));
        let _ = writeln!(
            self.out,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{bold} fill=\"{}\" textLength=\"{length}\" \
             lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{}</text>",
            unit(at.0),
            unit(at.1),
            number(size),
            hex(style.color()),
            escape(text)
        );
        Ok(())
    }
}
