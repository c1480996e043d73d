//! Finds candidate lines in raw blocks, at a few gigabytes per second.
//!
//! The vector search of `aho-corasick` knows no case. So of each needle the three characters that are rarest in logs are searched
//! for, in every case that they have, and the needle is compared where they stand.

use aho_corasick::packed::{Config, MatchKind, Searcher};

/// Something to search for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needle {
    /// What, in lower case ASCII; at least three bytes.
    pub(super) text: &'static str,
    /// Whether what follows makes the line worth a check, before the line is split. The block is passed, and where in it the
    /// needle begins and ends.
    pub(super) then: fn(&[u8], usize, usize) -> bool,
}

impl Needle {
    /// A needle that is enough by itself.
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text, then: |_, _, _| true }
    }
}

/// Needles made ready to be searched for: in as many passes as the vector search needs for all their patterns.
pub(super) struct Search {
    passes: Vec<Pass>,
}

/// Needles that are searched for at once.
struct Pass {
    searcher: Option<Searcher>,
    /// The needle that a pattern belongs to, and where in the needle it stands.
    patterns: Vec<(Needle, usize)>,
    needles: Vec<Needle>,
}

/// Letters by how often they stand in logs, the most frequent first; what is not here is rare.
const FREQUENT: &[u8] = b"0-1e2oa.,t3isr4n5c/c6dl78pm9hufxgb";
const WINDOW: usize = 3;
/// Patterns that the vector search takes.
const PATTERNS: usize = 64;

impl Search {
    pub(super) fn new(needles: &[Needle]) -> Self {
        let mut passes: Vec<Vec<Needle>> = Vec::new();
        let mut left = 0;
        for &needle in needles {
            let text = needle.text.as_bytes();
            let at = rarest(text);
            let patterns = cases(&text[at..at + WINDOW]).len();
            match passes.last_mut().filter(|_| patterns <= left) {
                Some(pass) => pass.push(needle),
                None => {
                    passes.push(vec![needle]);
                    left = PATTERNS;
                }
            }
            left -= patterns;
        }
        Self { passes: passes.iter().map(|needles| Pass::new(needles)).collect() }
    }

    /// Whether one stands in a line.
    pub(super) fn is_in(&self, line: &[u8]) -> bool {
        self.passes.iter().any(|pass| {
            let mut any = false;
            pass.each(line, &mut |_| {
                any = true;
                false
            });
            any
        })
    }

    /// Where needles stand, in ascending order.
    pub(super) fn find(&self, block: &[u8], hits: &mut Vec<usize>) {
        hits.clear();
        for pass in &self.passes {
            pass.each(block, &mut |at| {
                hits.push(at);
                true
            });
        }
        hits.sort_unstable();
    }
}

impl Pass {
    fn new(needles: &[Needle]) -> Self {
        let mut patterns = Vec::new();
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        let mut count = 0;
        for &needle in needles {
            let at = rarest(needle.text.as_bytes());
            for variant in cases(&needle.text.as_bytes()[at..at + WINDOW]) {
                // Needles that share their rarest characters are distinguished where they are.
                builder.add(variant);
                count += 1;
                patterns.push((needle, at));
            }
        }
        // Without vector instructions every needle is searched for by itself.
        let searcher = if count == 0 { None } else { builder.build() };
        Self { searcher, patterns, needles: needles.to_vec() }
    }

    /// Visits where needles are until `visit` has enough.
    fn each(&self, block: &[u8], visit: &mut dyn FnMut(usize) -> bool) {
        let Some(searcher) = &self.searcher else {
            for needle in &self.needles {
                let at = rarest(needle.text.as_bytes());
                let Some(&byte) = needle.text.as_bytes().get(at) else { continue };
                let mut starts = memchr::memchr2_iter(byte.to_ascii_lowercase(), byte.to_ascii_uppercase(), block);
                if !starts.all(|start| !stands(needle, block, start, at) || visit(start)) {
                    return;
                }
            }
            return;
        };
        let mut from = 0;
        // The next search begins one byte on, since what is searched for may overlap.
        while let Some(found) = searcher.find_in(block, (from..block.len()).into()) {
            from = found.start() + 1;
            let window = block.get(found.start()..found.end()).unwrap_or_default();
            // The pattern that was found may be one of several equal ones.
            let belongs = self.patterns.iter().any(|(needle, at)| {
                let own = needle.text.as_bytes().get(*at..at + WINDOW);
                own.is_some_and(|own| own.eq_ignore_ascii_case(window)) && stands(needle, block, found.start(), *at)
            });
            if belongs && !visit(found.start()) {
                return;
            }
        }
    }
}

/// Whether a needle stands where its characters from `at` on were found.
fn stands(needle: &Needle, block: &[u8], found: usize, at: usize) -> bool {
    let Some(start) = found.checked_sub(at) else { return false };
    let end = start + needle.text.len();
    block.get(start..end).is_some_and(|piece| piece.eq_ignore_ascii_case(needle.text.as_bytes()))
        && (needle.then)(block, start, end)
}

/// Where the rarest characters of a needle begin: few cases first, then rare ones.
fn rarest(needle: &[u8]) -> usize {
    let cost = |at: usize| {
        let window = &needle[at..at + WINDOW];
        let frequency = |byte: &u8| FREQUENT.iter().position(|known| known == byte).map_or(0, |at| FREQUENT.len() - at);
        let letters = window.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        (window.iter().map(frequency).sum::<usize>()) + 20 * letters
    };
    (0..=needle.len() - WINDOW).min_by_key(|&at| cost(at)).unwrap_or(0)
}

/// A piece of text in every case that it has.
fn cases(piece: &[u8]) -> Vec<Vec<u8>> {
    piece.iter().fold(vec![Vec::new()], |variants, byte| {
        let mut both = vec![byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
        both.dedup();
        variants.iter().flat_map(|start| both.iter().map(|byte| [&start[..], &[*byte]].concat())).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDLES: &[Needle] = &[
        Needle::new("serverinfo~"),
        Needle { text: "server~", then: |block, _, end| block.get(end) == Some(&b'x') },
        Needle::new("powershell"),
        Needle::new("info~x"),
    ];

    fn is_fast(search: &Search) -> bool {
        search.passes.iter().all(|pass| pass.searcher.is_some())
    }

    /// Too many patterns for one pass: none of them may be lost, nor the fast way.
    #[test]
    fn many_needles_are_found_in_several_passes() {
        const TEXTS: [&str; 20] = [
            "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo",
            "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango",
        ];
        let search = Search::new(&TEXTS.map(Needle::new));
        assert!(is_fast(&search) || !cfg!(target_arch = "x86_64"));
        let text = TEXTS.map(str::to_uppercase).join(" ");
        let mut hits = Vec::new();
        search.find(text.as_bytes(), &mut hits);
        assert_eq!(hits.len(), TEXTS.len());
        assert!(hits.is_sorted() && search.is_in(b"a TANGO") && !search.is_in(b"tang"));
    }

    #[test]
    fn needles_are_found_in_any_case_and_only_whole() {
        for fast in [true, false] {
            let mut search = Search::new(NEEDLES);
            assert!(is_fast(&search) || !cfg!(target_arch = "x86_64"), "the fast way exists here");
            if !fast {
                search.passes[0].searcher = None;
            }
            let lines = |text: &str| {
                let mut hits = Vec::new();
                search.find(text.as_bytes(), &mut hits);
                hits.iter().map(|&at| text[..at].matches('\n').count()).collect::<std::collections::BTreeSet<_>>()
            };
            let text =
                "no rinfo~ here\nServerINFO~a\nServer~EX1~1\nserver~x\nPOWERshell powershel\nxpowershell\nINFO~X\nfo~";
            assert_eq!(lines(text).into_iter().collect::<Vec<_>>(), [1, 3, 4, 5, 6], "fast: {fast}");
            assert!(lines("").is_empty());
        }
    }
}
