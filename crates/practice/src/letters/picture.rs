//! Small pictures, painted: a sky, a sun, hills one behind another, and water. The same seed gives the same picture.
//!
//! Heights of hills are worked out once for each column, so that a mailbox full of pictures is painted in no time.

/// Width and height of a photograph in a letter.
const WIDTH: u32 = 420;
const HEIGHT: u32 = 280;
/// Where the water begins, from the top.
const SHORE: f32 = 0.82;

type Colour = [f32; 3];

/// Sky above, sky at the horizon, the nearest hills, the sun.
const MOODS: [[Colour; 4]; 5] = [
    [[70.0, 110.0, 170.0], [245.0, 205.0, 160.0], [38.0, 70.0, 60.0], [255.0, 240.0, 200.0]],
    [[40.0, 40.0, 90.0], [240.0, 130.0, 90.0], [35.0, 30.0, 55.0], [255.0, 210.0, 120.0]],
    [[130.0, 180.0, 220.0], [230.0, 240.0, 245.0], [70.0, 120.0, 70.0], [255.0, 255.0, 235.0]],
    [[95.0, 130.0, 150.0], [215.0, 215.0, 205.0], [70.0, 85.0, 90.0], [240.0, 240.0, 230.0]],
    [[20.0, 30.0, 60.0], [90.0, 110.0, 150.0], [15.0, 22.0, 38.0], [235.0, 235.0, 250.0]],
];

/// How much of the haze lies over each row of hills, nearest first.
const HAZE: [f32; 3] = [0.0, 0.35, 0.6];

/// A landscape as PNG.
pub(super) fn landscape(seed: u32) -> Vec<u8> {
    let mood = MOODS.get(seed as usize % MOODS.len()).copied().unwrap_or(MOODS[0]);
    let shift = (seed % 97) as f32;
    let ridges: Vec<[f32; 3]> = (0..WIDTH).map(|x| ridges(x as f32 / WIDTH as f32, shift)).collect();
    let mut pixels = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        let y = y as f32 / HEIGHT as f32;
        for (x, ridges) in (0u16..).zip(&ridges) {
            let colour = colour_at(f32::from(x) / WIDTH as f32, y, &mood, ridges, shift);
            pixels.extend(colour.map(|value| value.clamp(0.0, 255.0) as u8));
        }
    }
    encode(&pixels)
}

/// How high the hills stand in one column, nearest first, from the top.
fn ridges(x: f32, shift: f32) -> [f32; 3] {
    [(0.66, 6.0, 3.0), (0.60, 5.0, 2.0), (0.52, 4.0, 1.0)].map(|(height, waves, phase)| {
        height + 0.05 * (x * waves + shift * phase).sin() + 0.015 * (x * waves * 3.1 + shift).sin()
    })
}

fn colour_at(x: f32, y: f32, mood: &[Colour; 4], ridges: &[f32; 3], shift: f32) -> Colour {
    let [_, horizon, near, _] = *mood;
    if y > SHORE {
        // Water shows the sky upside down and darker.
        let ripple = if (y * 45.0 + shift).fract() < 0.25 { 9.0 } else { 0.0 };
        return sky(x, SHORE - (y - SHORE) * 2.0, mood, shift).map(|value| value * 0.72 + ripple);
    }
    for (ridge, haze) in ridges.iter().zip(HAZE) {
        if y > *ridge {
            return mix(near, horizon, haze + (y - ridge) * 0.3);
        }
    }
    sky(x, y, mood, shift)
}

fn sky(x: f32, y: f32, mood: &[Colour; 4], shift: f32) -> Colour {
    let [zenith, horizon, _, sun] = *mood;
    let base = mix(zenith, horizon, y * 1.8);
    let (dx, dy) = ((x - 0.25 - shift % 7.0 * 0.07) * 1.5, y - 0.3);
    let distance = (dx * dx + dy * dy).sqrt();
    let glow = if distance < 0.06 { 1.0 } else { (0.5 - distance).max(0.0) * 0.6 };
    mix(base, sun, glow)
}

fn mix(one: Colour, other: Colour, share: f32) -> Colour {
    let share = share.clamp(0.0, 1.0);
    let [red, green, blue] = one;
    let [red2, green2, blue2] = other;
    [red + (red2 - red) * share, green + (green2 - green) * share, blue + (blue2 - blue) * share]
}

/// Encodes the pixels. Nothing is written to but memory, so nothing fails; if it did, the picture would be empty.
fn encode(pixels: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels));
    if let Err(error) = written {
        tracing::error!(%error, "a practice picture could not be encoded");
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_png_of_modest_size() {
        for seed in 0..5 {
            let file = landscape(seed);
            assert!(file.starts_with(b"\x89PNG\r\n\x1a\n"));
            assert!(file.len() < 200_000, "{} octets", file.len());
        }
    }
}
