//! Smaller copies of a picture, so that a telephone does not load what a camera made.
//!
//! Runs as a job in the child process: decoding a picture from outside is what a child is for. What
//! lies sideways is turned first, because the copies carry no EXIF. Pictures with clear parts stay
//! PNG, all others become JPEG. Not here: where the copies are kept and who asks for which (the rooms).
//! The rule that surprises: a picture is never made larger; a small one has no copies at all.

use crate::worker::{JobTrouble, Jobs};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageEncoder, ImageReader};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// The name of the job; its arguments are a list of widths, its answer a list of [`Smaller`].
pub const SIZES_JOB: &str = "files.sizes";

/// The name of the job that draws a photo anew; its argument is the longest side in points, its answer
/// one [`Smaller`]. Where it was taken and by what does not come along.
pub const PHOTO_JOB: &str = "files.photo";

/// How good a JPEG is kept, of 100.
const QUALITY: u8 = 80;
/// Most memory for one picture: fifty million points of four bytes, and half as much to work with.
const MOST_BYTES: u64 = 320 * 1024 * 1024;

/// A smaller copy, lying in the output folder under its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smaller {
    /// Its file.
    pub name: String,
    /// `jpeg` or `png`, as [`crate::FileKind`] says it.
    pub kind: String,
    /// Points across.
    pub width: u32,
    /// Points down.
    pub height: u32,
}

/// Adds the job.
pub fn register(jobs: &mut Jobs) {
    jobs.add(SIZES_JOB, |input, out_dir, args| {
        let widths: Vec<u32> = serde_json::from_value(args.clone())
            .map_err(|cause| JobTrouble::new("files.sizes.arguments", cause.to_string()))?;
        let made = make(input, out_dir, &widths)
            .map_err(|cause| JobTrouble::new("files.sizes.unreadable", cause.to_string()))?;
        serde_json::to_value(made)
            .map_err(|cause| JobTrouble::new("files.sizes.result", cause.to_string()))
    });
    jobs.add(PHOTO_JOB, |input, out_dir, args| {
        let most: u32 = serde_json::from_value(args.clone())
            .map_err(|cause| JobTrouble::new("files.sizes.arguments", cause.to_string()))?;
        let made = anew(input, out_dir, most)
            .map_err(|cause| JobTrouble::new("files.sizes.unreadable", cause.to_string()))?;
        serde_json::to_value(made)
            .map_err(|cause| JobTrouble::new("files.sizes.result", cause.to_string()))
    });
}

fn anew(input: &Path, out_dir: &Path, most: u32) -> image::ImageResult<Smaller> {
    let (picture, profile) = upright(input)?;
    let picture = match picture.width().max(picture.height()) > most {
        true => picture.thumbnail(most, most),
        false => picture,
    };
    keep(&picture, profile.as_deref(), out_dir)
}

fn make(input: &Path, out_dir: &Path, widths: &[u32]) -> image::ImageResult<Vec<Smaller>> {
    let (picture, profile) = upright(input)?;
    let mut out = Vec::new();
    for width in widths.iter().copied() {
        if width == 0 || width >= picture.width() {
            continue;
        }
        let height = u64::from(picture.height()) * u64::from(width) / u64::from(picture.width());
        let height = u32::try_from(height.max(1)).unwrap_or(u32::MAX);
        let copy = picture.thumbnail_exact(width, height);
        out.push(keep(&copy, profile.as_deref(), out_dir)?);
    }
    Ok(out)
}

/// The picture as it is looked at, and the profile that says what its colours mean.
fn upright(input: &Path) -> image::ImageResult<(DynamicImage, Option<Vec<u8>>)> {
    let mut reader = ImageReader::open(input)?.with_guessed_format()?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    // The decoder counts what it works with, not what it fills.
    limits.reserve(decoder.total_bytes())?;
    let turned = decoder.orientation()?;
    let profile = decoder.icc_profile()?.filter(|profile| is_rgb(profile));
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(turned);
    Ok((picture, profile))
}

/// Whether a profile speaks of red, green and blue (ICC.1, bytes 16 to 19): the copies are that.
fn is_rgb(profile: &[u8]) -> bool {
    profile.get(16..20) == Some(b"RGB ")
}

fn keep(
    copy: &DynamicImage,
    profile: Option<&[u8]>,
    out_dir: &Path,
) -> image::ImageResult<Smaller> {
    let is_clear = copy.color().has_alpha();
    let (end, kind) = if is_clear {
        ("png", "png")
    } else {
        ("jpg", "jpeg")
    };
    let name = format!("{}.{end}", copy.width());
    let mut file = BufWriter::new(File::create(out_dir.join(&name))?);
    let told = |encoder: &mut dyn ImageEncoder| {
        // Without the profile a telephone's wide colours come out pale.
        profile.map_or(Ok(()), |profile| encoder.set_icc_profile(profile.to_vec()))
    };
    if is_clear {
        let mut encoder = PngEncoder::new(&mut file);
        told(&mut encoder).map_err(image::ImageError::Unsupported)?;
        copy.to_rgba8().write_with_encoder(encoder)?;
    } else {
        let mut encoder = JpegEncoder::new_with_quality(&mut file, QUALITY);
        told(&mut encoder).map_err(image::ImageError::Unsupported)?;
        copy.to_rgb8().write_with_encoder(encoder)?;
    }
    Ok(Smaller {
        name,
        kind: kind.to_owned(),
        width: copy.width(),
        height: copy.height(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(path: &Path, width: u32, height: u32, is_clear: bool) {
        let mut drawn = DynamicImage::new_rgb8(width, height);
        if is_clear {
            drawn = DynamicImage::new_rgba8(width, height);
        }
        drawn.save(path).unwrap();
    }

    #[test]
    fn a_photo_is_made_smaller_and_never_larger() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("photo.jpg");
        picture(&input, 1_000, 500, false);
        let made = make(&input, folder.path(), &[480, 960, 1_920]).unwrap();
        let sizes: Vec<_> = made.iter().map(|copy| (copy.width, copy.height)).collect();
        assert_eq!(sizes, [(480, 240), (960, 480)]);
        let again = image::open(folder.path().join(&made[0].name)).unwrap();
        assert_eq!((again.width(), again.height()), (480, 240));
    }

    /// The sum of a PNG's part (RFC 2083, 15).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                (sum >> 1) ^ (0xEDB8_8320 * (sum & 1))
            })
        })
    }

    #[test]
    fn the_copies_keep_what_the_colours_mean_and_no_more_is_filled_than_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("photo.jpg");
        let mut profile = vec![0; 128];
        profile[16..20].copy_from_slice(b"RGB ");
        let mut encoder = JpegEncoder::new(File::create(&input).unwrap());
        encoder.set_icc_profile(profile.clone()).unwrap();
        let drawn = DynamicImage::new_rgb8(600, 300).to_rgb8();
        drawn.write_with_encoder(encoder).unwrap();
        make(&input, folder.path(), &[480]).unwrap();
        let copy = ImageReader::open(folder.path().join("480.jpg")).unwrap();
        let mut copy = copy.into_decoder().unwrap();
        assert_eq!(copy.icc_profile().unwrap(), Some(profile));
        // A head that promises ten thousand by ten thousand points of eight bytes: 800 MB to fill.
        let wide = folder.path().join("wide.png");
        DynamicImage::new_rgba16(1, 1).save(&wide).unwrap();
        let mut bytes = std::fs::read(&wide).unwrap();
        bytes[16..20].copy_from_slice(&10_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&10_000_u32.to_be_bytes());
        let sum = crc(&bytes[12..29]).to_be_bytes();
        bytes[29..33].copy_from_slice(&sum);
        std::fs::write(&wide, bytes).unwrap();
        let refused = make(&wide, folder.path(), &[480]).unwrap_err();
        assert!(matches!(refused, image::ImageError::Limits(_)), "{refused}");
    }

    #[test]
    fn clear_parts_stay_clear() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("sign.png");
        picture(&input, 600, 600, true);
        let made = make(&input, folder.path(), &[480]).unwrap();
        assert_eq!(made[0].kind, "png");
        let again = image::open(folder.path().join("480.png")).unwrap();
        assert_eq!(again.to_rgba8().get_pixel(3, 3).0[3], 0);
    }

    #[test]
    fn a_photo_drawn_anew_is_no_longer_than_asked() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("photo.jpg");
        for (side, made) in [(300, (200, 100)), (100, (100, 50))] {
            picture(&input, side, side / 2, false);
            let photo = anew(&input, folder.path(), 200).unwrap();
            assert_eq!((photo.width, photo.height), made);
        }
        std::fs::write(&input, b"\xff\xd8\xff\xe0 no picture").unwrap();
        assert!(anew(&input, folder.path(), 200).is_err());
    }

    #[test]
    fn what_lies_sideways_is_turned() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("phone.jpg");
        picture(&input, 800, 400, false);
        // The segment that a telephone held upright writes: orientation 6.
        let mut bytes = std::fs::read(&input).unwrap();
        let mut segment = vec![0xff, 0xe1, 0, 34];
        segment.extend_from_slice(
            b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
        );
        bytes.splice(2..2, segment);
        std::fs::write(&input, bytes).unwrap();
        let made = make(&input, folder.path(), &[200]).unwrap();
        assert_eq!((made[0].width, made[0].height), (200, 400));
    }

    #[test]
    fn what_is_no_picture_is_said_and_costs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("lie.jpg");
        std::fs::write(&input, b"\xff\xd8\xff\xe0 and then nothing").unwrap();
        assert!(make(&input, folder.path(), &[480]).is_err());
    }
}
