//! Whether a file of zstd has its end, told from the lengths in it without unpacking anything.
//!
//! A copy that broke off is the usual way for an archive to be bad; whoever throws old ones away has to see
//! it among hundreds of gigabytes. Not here: whether its content is what it was (`entries::check`).
//! The rule that surprises: every length is only skipped over, so a file that lies about them costs nothing.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::Path;

/// RFC 8878, 3.1.1: what a frame begins with.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Whether the file is one frame of zstd from its first byte to its last.
pub(super) fn is_whole(path: &Path) -> bool {
    read(path).unwrap_or(false) // what cannot be read is not whole, whatever the cause
}

fn read(path: &Path) -> std::io::Result<bool> {
    let file = File::open(path)?;
    let whole = file.metadata()?.len();
    let mut from = BufReader::new(file);
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [magic @ .., about] = head;
    if magic != MAGIC {
        return Ok(false);
    }
    let is_single = about & 0b10_0000 != 0;
    // 3.1.1.1: window, dictionary and length of the content, each as wide as the descriptor says.
    let window = i64::from(!is_single);
    let dictionary = match about & 0b11 {
        3 => 4,
        width => i64::from(width),
    };
    let content = match about >> 6 {
        0 => i64::from(is_single),
        width => 1 << width,
    };
    from.seek_relative(window + dictionary + content)?;
    loop {
        // 3.1.1.2: whether it is the last block, its kind, its length.
        let mut block = [0; 3];
        from.read_exact(&mut block)?;
        let [low, middle, high] = block.map(i64::from);
        let told = low | middle << 8 | high << 16;
        let (is_last, kind, length) = (told & 1 == 1, told >> 1 & 0b11, told >> 3);
        match kind {
            0 | 2 => from.seek_relative(length)?,
            1 => from.seek_relative(1)?, // one byte, so many times
            _ => return Ok(false),
        }
        if is_last {
            let hash = if about & 0b100 != 0 { 4 } else { 0 };
            from.seek_relative(hash)?;
            return Ok(from.stream_position()? == whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_is_cut_off_anywhere_or_goes_on_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frame");
        let mixed: Vec<u8> = (0..700_000_u32)
            .map(|n| (n.wrapping_mul(n) >> 7) as u8)
            .collect();
        let texts: [&[u8]; 4] = [b"", b"short", &[7; 400_000], &mixed];
        for (text, hashes) in texts.iter().zip([false, true, false, true]) {
            let mut out = zstd::Encoder::new(Vec::new(), 3).unwrap();
            out.include_checksum(hashes).unwrap();
            std::io::copy(&mut &**text, &mut out).unwrap();
            for good in [
                out.finish().unwrap(),
                zstd::bulk::compress(text, 3).unwrap(),
            ] {
                std::fs::write(&path, &good).unwrap();
                assert!(is_whole(&path), "{} bytes", text.len());
                for cut in [0, 3, 5, good.len() / 2, good.len() - 1] {
                    std::fs::write(&path, &good[..cut.min(good.len() - 1)]).unwrap();
                    assert!(!is_whole(&path), "{cut} of {}", good.len());
                }
                std::fs::write(&path, [&good[..], b"x"].concat()).unwrap();
                assert!(!is_whole(&path));
            }
        }
        std::fs::write(&path, "no archive at all").unwrap();
        assert!(!is_whole(&path) && !is_whole(folder.path()));
    }
}
