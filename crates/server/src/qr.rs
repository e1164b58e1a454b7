//! QR codes (ISO/IEC 18004) for terminals.

use qrcode::{Color, EcLevel, QrCode};

/// The width of the quiet zone around a code, in modules. The standard asks for four; two are enough for every reader of
/// today, and a terminal has few lines.
const QUIET: usize = 2;

/// Draws a text as a QR code of half blocks, two modules in each character; none if it is too long. The blocks are the
/// light modules, so that it is right on a dark background.
pub fn half_blocks(text: &str) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let is_light = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|&at| at < width);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => code[(x, y)] == Color::Light,
            _ => true,
        }
    };
    let size = width + 2 * QUIET;
    let line = |y: usize| {
        (0..size).map(move |x| match (is_light(x, y), y + 1 < size && is_light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        })
    };
    Some((0..size).step_by(2).map(|y| line(y).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a camera reads that sees the lines.
    fn decoded(lines: &[String]) -> String {
        const SCALE: usize = 4;
        let rows: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
        let is_light = |x: usize, y: usize| match rows[y / 2][x] {
            '█' => true,
            '▀' => y.is_multiple_of(2),
            '▄' => !y.is_multiple_of(2),
            _ => false,
        };
        let (width, height) = (rows[0].len() * SCALE, rows.len() * 2 * SCALE);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            if is_light(x / SCALE, y / SCALE) { 255 } else { 0 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    #[test]
    fn a_code_is_read_as_the_address_that_it_was_made_of() {
        for url in ["http://192.168.1.7:4180/", "https://[2001:db8::7:abcd]:65535/", "http://10.0.0.1:1/#v1&records=5"]
        {
            let lines = half_blocks(url).unwrap();
            assert!(lines.iter().all(|line| line.chars().count() == lines[0].chars().count()));
            assert_eq!(decoded(&lines), url);
        }
    }

    #[test]
    fn a_text_that_is_too_long_has_no_code() {
        assert!(half_blocks(&"x".repeat(5000)).is_none());
    }
}
